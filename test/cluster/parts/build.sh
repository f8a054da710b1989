#!/usr/bin/env bash
# build.sh [--is-built] [DIR]: build a real Kubernetes control plane from Go modules, for mlship's own tests.
#
# Puts etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and kwok into DIR
# (default ~/.cache/mlship-cluster/bin). Does nothing when they are there already, made from the same go.mod with
# the same flags; --is-built only says whether they are, by its status. Needs Go (the version that go.mod names) and the Go module proxy; no root, no container.
#
# Environment: MLSHIP_CLUSTER_GOCACHE=DIR  compile cache to use instead of Go's own (it grows by 2.6 GB);
#                                          "temp" uses a fresh folder and removes it afterwards
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ask=''; [[ ${1:-} != --is-built ]] || { ask=1; shift; }
dir=${1:-$HOME/.cache/mlship-cluster/bin}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
say() { echo "build.sh: $*" >&2; }

names=(etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kwok)
version=$(sed -n 's|^\tk8s.io/kubernetes \(v1\.[0-9.]*\).*|\1|p' "$here/go.mod")
minor=${version#v1.}; minor=${minor%%.*}
x=''      # without these every program would call itself v0.0.0-master
for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  x+=" -X $p.gitVersion=$version -X $p.gitMajor=1 -X $p.gitMinor=$minor -X $p.gitTreeState=clean"
done
# No debug information at all (-dwarf=false, -s -w): a tenth less time, a sixth less cache. No cgo: static programs.
# grpcnotrace lets the linker drop what only golang.org/x/net/trace keeps alive.
export CGO_ENABLED=0 GOFLAGS=
flags=(-mod=readonly -buildvcs=false -trimpath -tags grpcnotrace -gcflags=all=-dwarf=false -ldflags "-s -w$x")

want=$({ cat "$here/go.mod" "$here/go.sum"; echo "${flags[@]}"; } | sha256sum | cut -d' ' -f1)
have() {
  [[ "$(cat "$dir/.built" 2>/dev/null)" == "$want" ]] || return 1
  local n; for n in "${names[@]}"; do [[ -x "$dir/$n" ]] || return 1; done
}
have && exit 0
[[ -z $ask ]] || exit 1
exec 9>"$dir/.lock"
flock 9            # two test runs at once: the second waits for the first, then finds the work done
have && exit 0

command -v go >/dev/null || { say "Go is needed to build the cluster's programs (go.mod names the version)"; exit 1; }
tmp=$(mktemp -d "$dir/.build.XXXXXX") gocache_temp=''
cleanup() { rm -rf "$tmp" ${gocache_temp:+"$gocache_temp"}; }
trap cleanup EXIT
case ${MLSHIP_CLUSTER_GOCACHE:-} in
  '') ;;
  temp) gocache_temp=$(mktemp -d); export GOCACHE=$gocache_temp ;;
  *) export GOCACHE=$MLSHIP_CLUSTER_GOCACHE ;;
esac

say "building ${names[*]} ($version): about 5 minutes on 2 cores when nothing is cached"
started=$SECONDS
cd "$here"
go build "${flags[@]}" -o "$tmp/" \
  go.etcd.io/etcd/server/v3 \
  k8s.io/kubernetes/cmd/kube-apiserver \
  k8s.io/kubernetes/cmd/kube-controller-manager \
  k8s.io/kubernetes/cmd/kube-scheduler \
  k8s.io/kubernetes/cmd/kubectl \
  sigs.k8s.io/kwok/cmd/kwok >"$dir/build.log" 2>&1 || { tail -n 30 "$dir/build.log" >&2; say "failed: $dir/build.log"; exit 1; }
mv "$tmp/server" "$tmp/etcd"       # the module's last path element names the program
for n in "${names[@]}"; do mv -f "$tmp/$n" "$dir/$n"; done
echo "$want" >"$dir/.built"
say "built in $((SECONDS - started)) s, $(du -sh "$dir" | cut -f1) in $dir"
