// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What a real product carries besides code; makes the image as large as one (see mkimage.py).
    .syntax unified
    .section .assets, "a", %progbits
    .balign 8
    .global assets
    .type assets, %object
assets:
    .incbin "assets.bin"
    .global assets_end
assets_end:
    .size assets, assets_end - assets
