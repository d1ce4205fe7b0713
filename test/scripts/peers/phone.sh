# In a network of its own: a relay, its target, and a phone in another network, which are joined by a cable.
# phone.sh SCRIPTS NODE FOLDER: prints what the phone was answered, and what the relay said.
set -eu
ip link set lo up
ip link add cable0 type veth peer name cable1
ip address add 10.9.0.1/24 dev cable0
ip link set cable0 up
unshare --net sleep 100 &
phone=$!
started=$phone
trap 'kill $started' EXIT
until [ "$(readlink /proc/$phone/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.01; done
ip link set cable1 netns $phone
in_phone() { nsenter --target $phone --net "$@"; }
in_phone ip link set lo up
in_phone ip address add 10.9.0.2/24 dev cable1
in_phone ip link set cable1 up
scripts=$1
node=$2
# The target hears nobody but this machine.
$node "$scripts/udp_server.ts" --port 9999 > "$3/server" &
started="$started $!"
$node "$scripts/udp_relay.ts" --listen 10.9.0.1:9998 --to 127.0.0.1:9999 > "$3/relay" 2>&1 &
started="$started $!"
for log in server relay; do
  until grep -q '^Bind UDP' "$3/$log"; do kill -0 $started && sleep 0.01; done
done
in_phone $node "$scripts/udp_client.ts" --host 10.9.0.1 --port 9998 --retries 20 Michael Tracy
cat "$3/relay"
