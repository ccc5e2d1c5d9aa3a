/* SPDX-License-Identifier: MIT */
/*
 * Between images and the record: every stub number has a name there before the stub can run.
 */
#ifndef SC_RECORDING_H
#define SC_RECORDING_H

#include <stdbool.h>

#include "preload/image_load.h"

/* Starts the record with the first image; makes room for the image's stubs and names them: by the image's file
 * (path, or fd's contents), or one by one when fd is negative. false: no room, the image must not be activated. */
bool sc_recording_image(struct sc_mapped_image *mapped, const char *path, int fd);
bool sc_recording_started(void);

#endif
