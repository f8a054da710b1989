#!/usr/bin/env bash
# dockerd.sh up|down|status: a Docker daemon and a local registry for mlship's own tests, started by hand
# (no systemd), stopped by the process ids written when they were started.
#
#   up      starts dockerd (overlay2) and a registry on 127.0.0.1:5000, waits until both answer, and prints their
#           addresses, a line each; with MLSHIP_TEST_SETUP=1 it installs Debian's docker.io and docker-registry first
#           where they are missing
#   down    stops exactly those two; --purge also removes their data
#
# Environment: MLSHIP_DOCKER_STATE (default ~/.cache/mlship-docker)  pid files, logs, images, pushed blobs
#              MLSHIP_DOCKER_SOCK  (default /var/run/docker.sock)    where the daemon listens
#              MLSHIP_REGISTRY     (default 127.0.0.1:5000)          where the registry listens
# Everything but the addresses goes to standard error.
set -euo pipefail

STATE=${MLSHIP_DOCKER_STATE:-$HOME/.cache/mlship-docker}
SOCK=${MLSHIP_DOCKER_SOCK:-/var/run/docker.sock}
REG=${MLSHIP_REGISTRY:-127.0.0.1:5000}

say() { echo "dockerd.sh: $*" >&2; }
die() { say "$*"; exit 1; }

# A pid file holds "PID STARTTIME": a number that was given to another process since then is not taken for ours.
starttime() { # of a process that lives: a zombie (Z), which nobody has waited for yet, counts as gone
  local s; s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; s=${s##*) }; set -- $s; [[ $1 != Z ]] && echo "${20}"
}
alive() { # NAME
  local pid st
  { read -r pid st <"$STATE/$1.pid"; } 2>/dev/null || return 1
  [[ $(starttime "$pid") == "$st" ]]
}
start() { # NAME COMMAND...
  local name=$1; shift
  setsid "$@" >"$STATE/$name.log" 2>&1 </dev/null &
  echo "$! $(starttime $!)" >"$STATE/$name.pid"
}
stop() { # NAME
  local name=$1 pid _
  if alive "$name"; then
    read -r pid _ <"$STATE/$name.pid"
    kill -TERM "$pid" 2>/dev/null || true
    for _ in $(seq 200); do alive "$name" || break; sleep 0.1; done
    if alive "$name"; then say "$name ($pid) did not stop in 20 s: killed"; kill -KILL "$pid" || true; fi
  fi
  rm -f "$STATE/$name.pid"
}
answers_docker() { curl -fsS --max-time 2 --unix-socket "$SOCK" http://localhost/_ping >/dev/null 2>&1; }
answers_registry() { curl -fsS --noproxy '*' --max-time 2 "http://$REG/v2/" >/dev/null 2>&1; }
wait_for() { # WHAT SECONDS COMMAND...
  local what=$1 n=$2 _; shift 2
  for _ in $(seq $((n * 10))); do "$@" && return 0; alive "$what" || break; sleep 0.1; done
  tail -n 15 "$STATE/$what.log" >&2
  die "$what did not get ready (its log: $STATE/$what.log)"
}

install_packages() {
  local want=()
  command -v dockerd >/dev/null || want+=(docker.io)
  command -v iptables >/dev/null || want+=(iptables)
  command -v docker-registry >/dev/null || want+=(docker-registry)
  command -v curl >/dev/null || want+=(curl)
  ((${#want[@]})) || return 0
  [[ ${MLSHIP_TEST_SETUP:-} == 1 ]] || die "${want[*]} not installed (MLSHIP_TEST_SETUP=1 installs what is missing)"
  command -v apt-get >/dev/null || die "${want[*]} not installed, and there is no apt-get"
  say "installing ${want[*]}"
  # Debian's packages would start their services where an init system runs; here they only have to be on the disk.
  (timeout 60 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 120 apt-get install -y -qq --no-install-recommends "${want[@]}") >&2 ||
    die "${want[*]} cannot be installed from Debian"
}

up() {
  [[ $(id -u) == 0 ]] || die "must be run as root (dockerd needs it)"
  export PATH=$PATH:/usr/sbin:/sbin
  mkdir -p "$STATE"
  exec 9>"$STATE/lock"; flock 9
  install_packages
  if alive dockerd; then :
  elif answers_docker; then say "another daemon already answers on $SOCK: it is used as it is, and down will leave it alone"
  else
    mkdir -p "$STATE/data" "$STATE/exec" "$(dirname "$SOCK")"
    # One runtime folder and one pid file of our own, so that nothing of another daemon is touched.
    start dockerd dockerd -H "unix://$SOCK" --data-root "$STATE/data" --exec-root "$STATE/exec" \
      --pidfile "$STATE/dockerd.docker.pid" --storage-driver overlay2 --log-level warn --shutdown-timeout 5 9>&-
    wait_for dockerd 60 answers_docker
  fi
  if alive docker-registry; then :
  elif answers_registry; then say "a registry already answers on $REG: it is used as it is"
  else
    cat >"$STATE/registry.yml" <<YML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: "$STATE/registry"}
  delete: {enabled: true}
  maintenance: {uploadpurging: {enabled: false}}
http: {addr: "$REG"}
YML
    start docker-registry docker-registry serve "$STATE/registry.yml" 9>&-
    wait_for docker-registry 20 answers_registry
  fi
  echo "unix://$SOCK"
  echo "$REG"
}

down() {
  mkdir -p "$STATE"
  stop docker-registry
  stop dockerd
  if [[ ${1:-} == --purge ]]; then
    ! alive dockerd || die "dockerd still runs"
    rm -rf "$STATE/data" "$STATE/exec" "$STATE/registry" "$STATE"/*.log "$STATE/registry.yml"
  fi
}

case ${1:-} in
  up) up ;;
  down) shift; down "$@" ;;
  status)
    alive dockerd && echo "dockerd: ours" || { answers_docker && echo "dockerd: another's" || echo "dockerd: down"; }
    alive docker-registry && echo "registry: ours" || { answers_registry && echo "registry: another's" || echo "registry: down"; } ;;
  *) echo "usage: dockerd.sh up | down [--purge] | status" >&2; exit 2 ;;
esac
