#!/bin/sh
# SPDX-License-Identifier: MIT
# A program of the bundle's, by the loader and with the libraries that the bundle brings: what the node has
# may be older, or not there.  Hwloc would look for plugins where the node has its own.
here=$(cd "${0%/*}/.." && pwd)
HWLOC_PLUGINS_PATH=$here/host/none exec "$here/host/loader" --library-path "$here/host/lib" "$here/host/${0##*/}" "$@"
