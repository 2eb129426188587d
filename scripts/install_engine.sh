#!/usr/bin/env bash
# Installs what the tests of built images run against: a container engine, a registry and image tools, from the packages
# of the distribution. The tests start them themselves, as needed and on this machine alone, and stop them again. Where
# this cannot be installed, those tests are skipped and say so.
set -euo pipefail

packages=(docker.io podman docker-registry skopeo umoci busybox-static rpm)
programs=(dockerd podman docker-registry skopeo umoci busybox rpm)

missing=()
for program in "${programs[@]}"; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || missing+=("$program")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "engine: everything is there"
    exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "engine: ${missing[*]} not installed, and only root on Debian or Ubuntu can do so here;" \
        "tests of images against a real engine will be skipped"
    exit 0
fi

# Installing must not start the daemon: it would change the machine's network.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${packages[@]}"; } >/dev/null; then
    echo "engine: the packages ${packages[*]} cannot be had; tests of images against a real engine will be skipped"
fi
