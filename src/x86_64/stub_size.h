/* SPDX-License-Identifier: MIT */
/*
 * What the templates occupy in an image, alignment included: each stub begins at a multiple of its
 * size, because the FDE of the stub area finds the place within a stub from the low bits of the
 * address. stub.S fails to assemble when a template outgrows its size. Plain numbers: .S files
 * include this too.
 */
#ifndef SC_X86_64_STUB_SIZE_H
#define SC_X86_64_STUB_SIZE_H

#define SC_STUB_TAIL_SIZE 64
#define SC_STUB_FRAME_SIZE 256

#endif
