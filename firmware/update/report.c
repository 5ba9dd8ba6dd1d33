// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "update/report.h"

#include "drivers/usart.h"
#include "image/header.h"

static void print_version(uint32_t version)
{
    char text[VERSION_TEXT_BYTES];

    usart_print(version_text(version, text));
}

static void print_bank(unsigned bank)
{
    usart_print(bank == 1u ? "1" : "2");
}

static const char *failure_text(enum update_result result)
{
    switch (result) {
    case UPDATE_FAILED_CANCELLED:
        return "cancelled by the sender";
    case UPDATE_FAILED_TIMEOUT:
        return "timeout";
    case UPDATE_FAILED_TRANSFER:
        return "transfer error";
    case UPDATE_FAILED_PROTOCOL:
        return "not sent by YMODEM";
    case UPDATE_FAILED_SHORT:
        return "the file ended early";
    case UPDATE_FAILED_LONG:
        return "the file does not end";
    case UPDATE_FAILED_UNLOCK:
        return "flash stays locked";
    case UPDATE_FAILED_ERASE:
        return "erase error";
    case UPDATE_FAILED_PROGRAM:
        return "program error";
    case UPDATE_FAILED_PROTECTED:
        return "write protected";
    case UPDATE_FAILED_VERIFY:
        return "verify error";
    case UPDATE_FAILED_CRC:
        return "wrong crc";
    case UPDATE_FAILED_SUPPLY:
        return "supply too low";
    case UPDATE_FAILED_JOURNAL:
        return "journal error";
    case UPDATE_FAILED_JOURNAL_FULL:
        return "journal full, reboot first";
    default:
        return "unknown error";
    }
}

static void report_refusal(const struct update_request *request, enum update_result result, uint32_t version)
{
    usart_print("update refused: ");
    switch (result) {
    case UPDATE_REFUSED_TRIAL:
        usart_print("an image is on trial");
        break;
    case UPDATE_REFUSED_MINIMUM:
        print_version(version);
        usart_print(" is below the minimum version ");
        print_version(request->journal->minimum_version);
        break;
    case UPDATE_REFUSED_OLDER:
        print_version(version);
        usart_print(" is older than ");
        print_version(request->running_version);
        break;
    case UPDATE_REFUSED_SAME:
        print_version(version);
        usart_print(" is already running");
        break;
    case UPDATE_REFUSED_SIZE:
        usart_print("wrong size");
        break;
    default:
        usart_print("not an image for this board");
        break;
    }
}

static void report_failure(const struct update_request *request, enum update_result result)
{
    usart_print("update failed: ");
    usart_print(failure_text(result));
    if (request->journal->slot[request->bank - 1u].mark == MARK_VOID) {
        usart_print("; bank ");
        print_bank(request->bank);
        usart_print(" is void");
    }
}

void report_result(const struct update_request *request, enum update_result result, uint32_t version)
{
    if (result == UPDATE_INSTALLED) {
        usart_print("update: ");
        print_version(version);
        usart_print(" installed in bank ");
        print_bank(request->bank);
    } else if (result >= UPDATE_REFUSED_TRIAL && result <= UPDATE_REFUSED_SAME) {
        report_refusal(request, result, version);
    } else {
        report_failure(request, result);
    }
    usart_print("\r\n");
}
