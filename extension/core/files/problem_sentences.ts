/** What keeps us from reading all of a capture file, in English; `{0}` and so on stand for the arguments. Bytes count from 0. */
export const CAPTURE_PROBLEMS = {
  notCapture:
    "Cannot read the capture: its first bytes are {0}, and neither pcapng nor pcap starts so; Wireshark can save it as one of them.",
  notFile: "Cannot read the capture: it is not a file.",
  empty: "Cannot read the capture: it is empty.",
  noSection:
    "Cannot read the capture from byte {0} on: there is no section header, with which pcapng starts.",
  noByteOrder:
    "Cannot read the capture from byte {0} on: the section header has no byte-order magic.",
  noMagic:
    "Cannot read the capture from byte {0} on: there is no magic number, with which pcap starts.",
  version: "Cannot read the capture from byte {0} on: version {1} of {2} is unknown.",
  blockLength: "Cannot read the capture from byte {0} on: a block can't be {1} bytes long.",
  blockEnd:
    "Cannot read the capture from byte {0} on: a block of {1} bytes says at its end that it has {2}.",
  blockTooShort:
    "Cannot read the capture from byte {0} on: a block of type {1} can't be {2} bytes long.",
  unknownInterface:
    "Cannot read the capture from byte {0} on: interface {1} is used and the section has described {2}.",
  interfaces:
    "Cannot read the capture from byte {0} on: it has more than {1} interfaces; split it and open the parts.",
  texts:
    "Cannot read the capture from byte {0} on: its names and comments are more than {1} bytes; split it and open the parts.",
  flows:
    "Cannot read the capture from byte {0} on: it has more than {1} flows; split it and open the parts.",
  memory:
    "Cannot read the capture from byte {0} on: what stands before it takes {1} MiB of memory; split it and open the parts.",
  packetTooLong:
    "Cannot read the capture from byte {0} on: a packet of {1} bytes does not fit in its block.",
  packetLength: "Cannot read the capture from byte {0} on: a packet can't be {1} bytes long.",
  unfinished:
    "Cannot read the last {0} bytes of the capture, from byte {1} on: they are no whole packet; the file was cut off, or is still being written.",
  stopped: "Reading was stopped at byte {0} of {1}.",
  gzipCut:
    "Cannot unpack the capture behind byte {0} of its content: the file ends too early; it was cut off, or is still being written.",
  gzipDamaged: "Cannot unpack the capture behind byte {0} of its content: the file is damaged.",
  gzipTooLarge:
    "Cannot unpack the capture behind byte {0} of its content: there is more than {1} bytes; unpack it yourself and open the result.",
  gzipMemory:
    "Cannot unpack the capture behind byte {0} of its content: what is in its first {1} packed bytes takes {2} MiB of memory, more than a network writes; unpack it yourself and open the result.",
  gzipNoRoom:
    "Cannot unpack the capture behind byte {0} of its content: the folder for temporary files takes no more ({1}); make room on its disk.",
} as const;
