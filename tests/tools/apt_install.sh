#!/bin/sh
# Installs Debian packages without starting or enabling any service of theirs.  Run as root.
#
# The peers of the tests (Prometheus, RabbitMQ, ...) are services of the system to Debian: on a
# machine with systemd their packages would start them and enable them for every boot.  While apt
# runs, policy-rc.d forbids starts (https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt);
# afterwards the units that were not there before are disabled.  Services that were installed before are left alone.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
units_before=$(ls /lib/systemd/system 2>/dev/null || true)

placed=
clean_up() {
	if [ -n "$placed" ]; then rm -f "$policy"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM
if [ ! -e "$policy" ]; then
	placed=yes
	printf '#!/bin/sh\n# Placed by firedrill/dev while it installs packages; removed afterwards.\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

# Nothing of the user's is removed to make place for ours: then apt-get fails and says what is in the way.
install() {
	apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends --no-remove install "$@" </dev/null
}

# The package lists of a fresh machine are missing or too old; fetched only when they are needed.
install "$@" >/dev/null 2>&1 || {
	apt-get -o DPkg::Lock::Timeout=300 -qq update
	install "$@" >/dev/null
}

if command -v systemctl >/dev/null; then
	for unit in prometheus.service prometheus-alertmanager.service rabbitmq-server.service \
	    epmd.service epmd.socket; do
		[ -e "/lib/systemd/system/$unit" ] || continue
		case "
$units_before
" in *"
$unit
"*) continue ;; esac
		systemctl disable "$unit" >/dev/null 2>&1 || echo "cannot disable $unit" >&2
	done
fi
