#!/usr/bin/env bash
# expect: unused appears unused
unused=1
