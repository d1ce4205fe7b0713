/** What each check asks, in English. */
export const CHECK_DOCS = {
  arrives: "Arrival",
  rule: "A rule of Bad Network",
  sent: "Sending",
  permission: "Permission to send",
  route: "A way to it",
  family: "IPv4 or IPv6",
  bound: "A program that has the port",
  loopback: "Bound to this machine alone",
  address: "The address that is bound",
  owner: "Others with the same port",
  connected: "Connected sockets",
  buffer: "The receive buffer",
  broadcast: "Broadcast",
  multicast: "Multicast",
  size: "The size",
  refused: "Refusals (ICMP)",
  hops: "Routers on the way (TTL)",
  interface: "The interface that is captured",
  machine: "Which machine",
  firewall: "Firewalls",
} as const;

export type Check = keyof typeof CHECK_DOCS;

/** What a check found, in English; `{0}` and so on stand for the arguments. */
export const SILENCE_DOCS = {
  arriving: "Received at {0}: {1}, the latest just now. They do arrive.",
  arrivedBefore: "Received at {0}: {1}, the latest {2} seconds ago.",
  nothingArrived: "Nothing has come to {0} since it is watched.",
  arrivalUnseen: "Whether anything comes to {0} is not seen: no watched program has it.",

  droppedByRule: "{0} dropped by a rule of Bad Network.",
  noRule: "No rule of Bad Network dropped any.",

  nothingSent: "{0} is watched and has sent nothing to {1}.",
  senderUnknown: "Whether anybody sends to {0} is not known: no watched program has.",
  wasSent: "{0} to {1} in the capture.",

  notPermitted: "{0} not sent: the system does not permit it ({1}).",
  wayForbidden: "The routing table of this machine does not permit what is sent to {0} (EACCES).",
  failedToSend: "{0} not sent: the system refused it ({1}).",
  nothingForbidden: "The system has not refused to send any.",

  noWay: "This machine knows no way to {0} ({1}).",
  noWayFrom: "From {0} there is no way to {1}: an address of loopback reaches this machine alone.",
  noNeighbour: "No machine on {0} answers for {1}, which is the next one on the way (ARP).",
  otherWay: "{0} is an address of {1}, and the way to {2} leads over {3}.",
  wayFound: "The way to {0} leads over {1}.",
  wayUnknown: "Which way leads to {0} could not be asked.",

  familiesDiffer: "{0} is for IPv4 and {1} for IPv6: no datagram passes between them.",
  onlyIpv4: "{0} has the port for IPv4 alone, and {1} is IPv6.",
  onlyIpv6: "{0} has the port for IPv6 alone, and {1} is IPv4.",
  maybeOnlyIpv6: "{0} has the port at [::]; whether for IPv4 as well, this system does not tell.",
  sameFamily: "Both are for the same family.",

  nobody: "No program of this machine has the UDP port {0}.",
  onlyTcp:
    "No program has the UDP port {0}. A TCP server listens on it; TCP and UDP have ports of their own.",
  otherMachine:
    "{0} is an address of another machine: which programs have the port is known there alone.",
  socketsUnknown: "This system does not tell which programs have the port.",
  boundBy: "{0} has the port.",

  loopbackOnly: "{0} has the port at {1}, which this machine alone can reach; {2} is not that.",
  loopbackFrom: "{0} can be reached from this machine alone, and {1} is another one.",
  loopbackMaybe: "{0} can be reached from this machine alone; who sends is not known.",
  notLoopback: "The port is not bound to loopback alone, or the datagrams come from this machine.",

  otherAddress: "{0} has the port at {1}, and what is sent to {2} does not reach it.",
  addressFits: "What is bound takes what is sent to {0}.",

  closerSocket:
    "{0} has the same port at {1}, which is closer: what is sent there goes to it, and not to {2}.",
  shared:
    "{0} sockets have this port at one address ({1}): each datagram goes to one of them, and the system does not tell to which.",
  ownedAlone: "No other socket has the same port.",

  connectedElsewhere: "{0} is connected to {1}: the system throws away what {2} sends to it.",
  connectedTo: "{0} is connected to {1}: the system throws away what anybody else sends to it.",
  answersFromOther:
    "Answers come from {0}, and {1} is connected to {2}: the system throws them away.",
  maybeAnswersFromOther:
    "{0} sends from another port than {1}: a connected socket does not take that.",
  connectedUnknown: "Whether the socket there is connected to somebody else is known there alone.",
  notConnected: "The socket takes datagrams of everybody, or is connected to the right one.",

  bufferFull:
    "{0} bytes wait in the receive buffer of {1}, which has thrown away {2}: they have arrived, and the program does not take them.",
  notTaken:
    "{0} bytes wait in the receive buffer of {1}: they have arrived, and the program does not take them.",
  bufferLost: "{0} thrown away, as the receive buffer of {1} was full.",
  lostOnWay: "{0} to {1} did not arrive within a second: most often a receive buffer was full.",
  bufferUnknown:
    "What waits in the receive buffer, and what was thrown away, this system does not tell.",
  bufferElsewhere: "Whether a receive buffer is full is known on the other machine alone.",
  bufferFine: "Nothing waits in the receive buffer of {0}, and it has lost none.",

  broadcastForbidden:
    "{0} not sent: {1} is a broadcast address, and the socket has not asked for that (EACCES).",
  boundToOne:
    "{0} has the port at {1}: what is sent to many does not reach a socket that is bound to one address.",
  broadcastUnknown:
    "{0} is a broadcast address; whether the socket that sends has asked for that (SO_BROADCAST), the system does not tell.",
  broadcastSent: "The system has sent them to the broadcast address.",
  noBroadcast: "{0} is no broadcast address.",

  notJoined: "No interface of this machine has joined {0}.",
  joinedElsewhere: "{0} is joined on {1}, and the datagrams come over {2}.",
  groupsUnknown: "Which multicast groups are joined, this system does not tell.",
  joined: "{0} is joined on {1}; which socket has joined it the system does not tell.",
  noMulticast: "{0} is no multicast address.",

  tooLarge: "{0} not sent: too large (EMSGSIZE).",
  tooLargeOnWay: "{0} refused: a network on the way takes none as large.",
  fragments:
    "{0} bytes leave as {1} fragments, as {2} takes packets of {3} bytes: where one is lost all are, and some networks drop all of them.",
  sizeOnWay: "{0} bytes fit into the first network; whether into each on the way is not known.",
  sizeUnknown: "How large the datagrams are is not known.",
  sizeFits: "{0} bytes fit into one packet.",

  refusedPort: "{0} refused: no program has {1}, and the machine there said so.",
  refusedHost: "{0} refused: no machine answers at the address of {1}.",
  refusedNetwork: "{0} refused: no way leads to the network of {1}.",
  refusedProhibited: "{0} refused: a firewall lets nothing through to {1}.",
  refusedOther: "{0} refused by a machine on the way to {1}.",
  probeRefused: "An empty datagram to {0} was refused: no program there has the port.",
  probeAnswered: "An empty datagram to {0} was answered by {1}.",
  noRefusal:
    "None was seen. A program learns of one only where its socket is connected, and a capture only where it has ICMP.",

  expired: "{0} refused by a router: it had passed as many as it may (TTL).",
  expiredBefore:
    "Routers have told {0} times since this machine was started that a datagram had passed as many as it may (TTL); whether these, they do not tell.",
  multicastHops:
    "What is sent to a group has a TTL of 1 where the program does not ask for more: no router passes it on.",
  hopsUnknown:
    "Routers are on the way; how many a datagram may pass (TTL), the system does not tell of a socket.",
  noRouters: "No router is on the way.",

  capturedElsewhere:
    "{0} is this machine, whose datagrams to itself pass the loopback interface; what is captured is {1}.",
  interfaceFits: "What is captured is no reason, or nothing is.",

  remoteMachine:
    "Programs of this window run on {0}: 127.0.0.1 is that machine, and VS Code forwards no UDP to it.",
  wsl: "This is WSL, which has addresses of its own: what is sent to Windows does not come here by itself.",
  container:
    "This is a container, which has addresses of its own: from outside it is reached only where the port is published for UDP.",
  sameMachine: "All of it is on this machine.",
  otherMachineKnown: "This is neither a container, nor WSL, nor a remote window.",

  firewallRefuses: "{0} not sent: a firewall of this machine lets nothing through to {1} (EPERM).",
  firewallOn: "The firewall {0} of this machine is on; its rules can be read by root alone.",
  firewallUnknown: "Whether a firewall drops them cannot be read without root.",
  firewallPassed: "They arrive: no firewall keeps them away.",
} as const;

/** What to do about it: one thing, in English. What is left out has none of its own. */
export const REMEDY_DOCS = {
  arriving: "Look at what the program does with them: its rows are in Datagrams.",
  arrivedBefore: "See whether the sender still sends, and where to.",
  nothingArrived: "See whether the sender sends, and where to.",
  arrivalUnseen:
    "Run the program that receives watched, and see whether its port receives anything.",
  droppedByRule: "Run UDP: Stop All Rules.",
  nothingSent: "Look why the program does not send, or sends elsewhere: its rows are in Datagrams.",
  senderUnknown: "Send one with UDP: Send Datagram, and see what becomes of it.",
  notPermitted: "Let the routing table permit it (`ip route`), or send elsewhere.",
  wayForbidden: "Let the routing table permit it (`ip route`), or send elsewhere.",
  failedToSend: "Look at the rows that were not sent: each says why.",
  noWay: "Add a route, or connect this machine to that network.",
  noWayFrom: "Bind the socket that sends to 0.0.0.0, or send to this machine.",
  noNeighbour: "See whether that machine is on, on the same network, and has this address.",
  otherWay:
    "Bind the socket that sends to 0.0.0.0, so that the system chooses the address of the way.",
  familiesDiffer: "Use addresses of one family at both ends.",
  onlyIpv4: "Send to the IPv4 address, or bind the receiver to [::].",
  onlyIpv6:
    "Send to the IPv6 address, or bind the receiver to 0.0.0.0, or to [::] without ipv6Only.",
  nobody: "Start the program that is to receive, or send to one of the Bound Ports.",
  onlyTcp: "Send by TCP, or start a UDP server on the port.",
  otherMachine: "Look there: `ss -ulpn` lists its UDP ports.",
  loopbackOnly: "Bind the receiver to 0.0.0.0, or send to the address that it has.",
  loopbackFrom: "Bind the receiver to 0.0.0.0, or to the address that the sender uses.",
  loopbackMaybe: "Where the sender is another machine, bind the receiver to 0.0.0.0.",
  otherAddress: "Send to the address that is bound, or bind the receiver to 0.0.0.0.",
  closerSocket: "Stop the other program, or use another port.",
  shared: "Stop the other program, or use another port.",
  connectedElsewhere: "Do not connect the socket that receives, or connect it to who sends.",
  connectedTo: "See whether who sends is the one that it is connected to.",
  answersFromOther:
    "Answer from the socket that received the request, or do not connect the one that asks.",
  maybeAnswersFromOther: "Answer from the socket that received the request.",
  bufferFull: "See what the program waits for: it reads no datagrams.",
  notTaken: "See what the program waits for: it reads no datagrams.",
  bufferLost:
    "Give the socket a larger buffer (recvBufferSize, SO_RCVBUF), or do less work for each datagram.",
  lostOnWay:
    "Give the socket a larger buffer (recvBufferSize, SO_RCVBUF), or do less work for each datagram.",
  broadcastForbidden: "Call `setBroadcast(true)`, or set SO_BROADCAST, before it sends.",
  boundToOne: "Bind the receiver to 0.0.0.0 or [::].",
  broadcastUnknown: "Call `setBroadcast(true)`, or set SO_BROADCAST, before it sends.",
  notJoined: "Let the receiver join the group: addMembership, IP_ADD_MEMBERSHIP.",
  joinedElsewhere:
    "Join the group on that interface, or choose the one to send over: setMulticastInterface, IP_MULTICAST_IF.",
  tooLarge: "Send smaller datagrams: 1,472 bytes fit into one packet of Ethernet.",
  tooLargeOnWay:
    "Send smaller datagrams: 1,472 bytes fit into one packet of Ethernet, and fewer into a tunnel.",
  fragments: "Send smaller datagrams: 1,472 bytes fit into one packet of Ethernet.",
  refusedPort: "Start the program that is to receive there, or correct the port.",
  refusedHost: "See whether that machine is on, and has this address.",
  refusedNetwork: "Ask who runs that network, or correct the address.",
  refusedProhibited: "Ask for a rule that lets UDP to this port through.",
  refusedOther: "Look at the rows that were refused: each says why.",
  probeRefused: "Start the program that is to receive there, or correct the port.",
  expired: "Let the program ask for a greater TTL: setTTL, setMulticastTTL.",
  expiredBefore: "Let the program ask for a greater TTL: setTTL, setMulticastTTL.",
  multicastHops: "Where a router is on the way, ask for a greater TTL: setMulticastTTL.",
  capturedElsewhere:
    "Capture the loopback interface: lo, lo0, or the adapter for loopback traffic.",
  remoteMachine: "Send from a terminal of this window, or to that machine's own address.",
  wsl: "Send to the address of WSL (`hostname -I`), or turn on mirrored networking.",
  container: "Publish the port for UDP: `-p 9999:9999/udp`.",
  firewallRefuses: "Let the firewall pass it: `sudo nft list ruleset` shows the rules.",
  firewallOn: "Ask it: `sudo nft list ruleset`, `sudo ufw status`.",
  firewallUnknown:
    "Ask the firewall: `sudo nft list ruleset` on Linux, Windows Defender Firewall, or who runs the machine.",
} as const satisfies Partial<Record<keyof typeof SILENCE_DOCS, string>>;
