#!/bin/sh
# Stands in for sendmail: a test links to it and puts what it shall do beside the link. An
# executable that a test writes itself can be busy for a moment in another test's new process.
cd "$(dirname "$0")" && . ./script
