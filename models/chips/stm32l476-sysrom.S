/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Contents of the system memory: the boot ROM that firmware/sysrom builds, and its size. */
    .section .rodata
    .global stm32l476_sysrom
    .global stm32l476_sysrom_size
    .hidden stm32l476_sysrom
    .hidden stm32l476_sysrom_size
    .balign 8
stm32l476_sysrom:
    .incbin "sysrom-stm32l476.bin"
stm32l476_sysrom_end:
    .balign 4
stm32l476_sysrom_size:
    .4byte stm32l476_sysrom_end - stm32l476_sysrom
    .section .note.GNU-stack, "", %progbits
