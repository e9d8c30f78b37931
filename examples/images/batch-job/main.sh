#!/bin/sh
# Works for a while, then ends well.
date
echo "batch starting"
sleep 20
echo "done"
