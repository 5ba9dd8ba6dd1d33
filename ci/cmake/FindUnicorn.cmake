# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
#
# Finds the Unicorn engine: the distribution's library where it is new enough, else the one inside the PyPI wheel that
# ci/setup puts into .venv. Versions before 2.1.4 run Cortex-M code wrongly.
find_package(PkgConfig QUIET)
pkg_check_modules(PC_UNICORN QUIET unicorn)
if(PC_UNICORN_FOUND AND PC_UNICORN_VERSION VERSION_GREATER_EQUAL "${Unicorn_FIND_VERSION}")
  find_library(UNICORN_LIBRARY NAMES unicorn HINTS ${PC_UNICORN_LIBRARY_DIRS})
  find_path(UNICORN_INCLUDE_DIR unicorn/unicorn.h HINTS ${PC_UNICORN_INCLUDE_DIRS})
  set(Unicorn_VERSION ${PC_UNICORN_VERSION})
else()
  file(GLOB UNICORN_WHEEL_DIRS ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/unicorn)
  find_library(UNICORN_LIBRARY NAMES libunicorn.so.2 HINTS ${UNICORN_WHEEL_DIRS} PATH_SUFFIXES lib NO_DEFAULT_PATH)
  find_path(UNICORN_INCLUDE_DIR unicorn/unicorn.h HINTS ${UNICORN_WHEEL_DIRS} PATH_SUFFIXES include NO_DEFAULT_PATH)
  if(UNICORN_INCLUDE_DIR)
    file(STRINGS ${UNICORN_INCLUDE_DIR}/unicorn/unicorn.h UNICORN_VERSION_LINES REGEX "#define UC_API_(MAJOR|MINOR|PATCH) ")
    string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*PATCH ([0-9]+).*" "\\1.\\2.\\3" Unicorn_VERSION "${UNICORN_VERSION_LINES}")
  endif()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Unicorn REQUIRED_VARS UNICORN_LIBRARY UNICORN_INCLUDE_DIR VERSION_VAR Unicorn_VERSION
  REASON_FAILURE_MESSAGE "run ci/setup first: it installs Unicorn >= 2.1.4")
if(Unicorn_FOUND AND NOT TARGET Unicorn::Unicorn)
  add_library(Unicorn::Unicorn SHARED IMPORTED)
  set_target_properties(Unicorn::Unicorn PROPERTIES IMPORTED_LOCATION ${UNICORN_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${UNICORN_INCLUDE_DIR})
endif()
mark_as_advanced(UNICORN_LIBRARY UNICORN_INCLUDE_DIR)
