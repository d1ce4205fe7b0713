/**
 * Cyclic redundancy checks of whole bytes by the names and parameters of the "Catalogue of parametrised CRC algorithms"
 * (Greg Cook, reveng.sourceforge.io/crc-catalogue). A test computes the check value of each.
 */
export interface CrcParameters {
  /** "CRC-16/MODBUS" */
  readonly name: string;
  /** Bits: 8, 16, 24, 32 or 64. */
  readonly width: number;
  readonly polynomial: bigint;
  readonly init: bigint;
  /** The lowest bit of a byte goes first; then the lowest byte of the result does, too. */
  readonly isReflected: boolean;
  readonly xorOut: bigint;
  /** Of the bytes of "123456789". */
  readonly check: bigint;
  /** Other names that people have for it. */
  readonly aliases: readonly string[];
}

/** Name, polynomial, init, reflected, xorout, check; in hexadecimal digits. */
const ROWS = `
CRC-8/AUTOSAR 2f ff - ff df
CRC-8/BLUETOOTH a7 00 r 00 26
CRC-8/CDMA2000 9b ff - 00 da
CRC-8/DARC 39 00 r 00 15
CRC-8/DVB-S2 d5 00 - 00 bc
CRC-8/GSM-A 1d 00 - 00 37
CRC-8/GSM-B 49 00 - ff 94
CRC-8/HITAG 1d ff - 00 b4
CRC-8/I-432-1 07 00 - 55 a1
CRC-8/I-CODE 1d fd - 00 7e
CRC-8/LTE 9b 00 - 00 ea
CRC-8/MAXIM-DOW 31 00 r 00 a1
CRC-8/MIFARE-MAD 1d c7 - 00 99
CRC-8/NRSC-5 31 ff - 00 f7
CRC-8/OPENSAFETY 2f 00 - 00 3e
CRC-8/ROHC 07 ff r 00 d0
CRC-8/SAE-J1850 1d ff - ff 4b
CRC-8/SMBUS 07 00 - 00 f4
CRC-8/TECH-3250 1d ff r 00 97
CRC-8/WCDMA 9b 00 r 00 25
CRC-16/ARC 8005 0000 r 0000 bb3d
CRC-16/CDMA2000 c867 ffff - 0000 4c06
CRC-16/CMS 8005 ffff - 0000 aee7
CRC-16/DDS-110 8005 800d - 0000 9ecf
CRC-16/DECT-R 0589 0000 - 0001 007e
CRC-16/DECT-X 0589 0000 - 0000 007f
CRC-16/DNP 3d65 0000 r ffff ea82
CRC-16/EN-13757 3d65 0000 - ffff c2b7
CRC-16/GENIBUS 1021 ffff - ffff d64e
CRC-16/GSM 1021 0000 - ffff ce3c
CRC-16/IBM-3740 1021 ffff - 0000 29b1
CRC-16/IBM-SDLC 1021 ffff r ffff 906e
CRC-16/ISO-IEC-14443-3-A 1021 c6c6 r 0000 bf05
CRC-16/KERMIT 1021 0000 r 0000 2189
CRC-16/LJ1200 6f63 0000 - 0000 bdf4
CRC-16/M17 5935 ffff - 0000 772b
CRC-16/MAXIM-DOW 8005 0000 r ffff 44c2
CRC-16/MCRF4XX 1021 ffff r 0000 6f91
CRC-16/MODBUS 8005 ffff r 0000 4b37
CRC-16/NRSC-5 080b ffff r 0000 a066
CRC-16/OPENSAFETY-A 5935 0000 - 0000 5d38
CRC-16/OPENSAFETY-B 755b 0000 - 0000 20fe
CRC-16/PROFIBUS 1dcf ffff - ffff a819
CRC-16/RIELLO 1021 b2aa r 0000 63d0
CRC-16/SPI-FUJITSU 1021 1d0f - 0000 e5cc
CRC-16/T10-DIF 8bb7 0000 - 0000 d0db
CRC-16/TELEDISK a097 0000 - 0000 0fb3
CRC-16/TMS37157 1021 89ec r 0000 26b1
CRC-16/UMTS 8005 0000 - 0000 fee8
CRC-16/USB 8005 ffff r ffff b4c8
CRC-16/XMODEM 1021 0000 - 0000 31c3
CRC-24/BLE 00065b 555555 r 000000 c25a56
CRC-24/FLEXRAY-A 5d6dcb fedcba - 000000 7979bd
CRC-24/FLEXRAY-B 5d6dcb abcdef - 000000 1f23b8
CRC-24/INTERLAKEN 328b63 ffffff - ffffff b4f3e6
CRC-24/LTE-A 864cfb 000000 - 000000 cde703
CRC-24/LTE-B 800063 000000 - 000000 23ef52
CRC-24/OPENPGP 864cfb b704ce - 000000 21cf02
CRC-24/OS-9 800063 ffffff - ffffff 200fa5
CRC-32/AIXM 814141ab 00000000 - 00000000 3010bf7f
CRC-32/AUTOSAR f4acfb13 ffffffff r ffffffff 1697d06a
CRC-32/BASE91-D a833982b ffffffff r ffffffff 87315576
CRC-32/BZIP2 04c11db7 ffffffff - ffffffff fc891918
CRC-32/CD-ROM-EDC 8001801b 00000000 r 00000000 6ec2edc4
CRC-32/CKSUM 04c11db7 00000000 - ffffffff 765e7680
CRC-32/ISCSI 1edc6f41 ffffffff r ffffffff e3069283
CRC-32/ISO-HDLC 04c11db7 ffffffff r ffffffff cbf43926
CRC-32/JAMCRC 04c11db7 ffffffff r 00000000 340bc6d9
CRC-32/MEF 741b8cd7 ffffffff r 00000000 d2c22f51
CRC-32/MPEG-2 04c11db7 ffffffff - 00000000 0376e6e7
CRC-32/XFER 000000af 00000000 - 00000000 bd0be338
CRC-64/ECMA-182 42f0e1eba9ea3693 0 - 0 6c40df5f0b497347
CRC-64/GO-ISO 1b ffffffffffffffff r ffffffffffffffff b90956c775a41001
CRC-64/MS 259c84cba6426349 ffffffffffffffff r 0 75d4b74f024eceea
CRC-64/NVME ad93d23594c93659 ffffffffffffffff r ffffffffffffffff ae8b14860a799888
CRC-64/REDIS ad93d23594c935a9 0 r 0 e9c6d914c4b8d9ca
CRC-64/WE 42f0e1eba9ea3693 ffffffffffffffff - ffffffffffffffff 62ec59e3f1a4f00a
CRC-64/XZ 42f0e1eba9ea3693 ffffffffffffffff r ffffffffffffffff 995dc9bbdf1939fa
`;

const ALIASES: Readonly<Record<string, string>> = {
  "CRC-8/I-432-1": "crc8/itu",
  "CRC-8/MAXIM-DOW": "crc8/maxim crc8/1-wire",
  "CRC-8/SAE-J1850": "crc8/j1850",
  "CRC-8/SMBUS": "crc8",
  "CRC-8/TECH-3250": "crc8/aes crc8/ebu",
  "CRC-16/ARC": "crc16 crc16/ibm crc16/lha",
  "CRC-16/GENIBUS": "crc16/darc crc16/epc crc16/i-code",
  "CRC-16/IBM-3740": "crc16/ccitt-false crc16/autosar",
  "CRC-16/IBM-SDLC": "crc16/x-25 crc16/x25 crc16/iso-hdlc",
  "CRC-16/ISO-IEC-14443-3-A": "crc16/a",
  "CRC-16/KERMIT": "crc16/ccitt crc16/ccitt-true crc16/bluetooth",
  "CRC-16/MAXIM-DOW": "crc16/maxim",
  "CRC-16/SPI-FUJITSU": "crc16/aug-ccitt",
  "CRC-16/UMTS": "crc16/buypass crc16/verifone",
  "CRC-16/XMODEM": "crc16/zmodem crc16/acorn crc16/lte",
  "CRC-24/OPENPGP": "crc24",
  "CRC-32/AIXM": "crc32q",
  "CRC-32/BASE91-D": "crc32d",
  "CRC-32/CKSUM": "crc32/posix",
  "CRC-32/ISCSI": "crc32c crc32/castagnoli",
  "CRC-32/ISO-HDLC": "crc32 crc32/adccp crc32/pkzip crc32/ethernet",
  "CRC-64/ECMA-182": "crc64",
  "CRC-64/XZ": "crc64/go-ecma",
};

export const CRC_CATALOGUE: readonly CrcParameters[] = ROWS.trim()
  .split("\n")
  .map((row) => {
    const [name = "", polynomial, init, order, xorOut, check] = row.split(" ");
    const number = (digits = "0") => BigInt(`0x${digits}`);
    return {
      name,
      width: Number(/\d+/.exec(name)?.[0]),
      polynomial: number(polynomial),
      init: number(init),
      isReflected: order === "r",
      xorOut: number(xorOut),
      check: number(check),
      aliases: (ALIASES[name] ?? "").split(" ").filter(Boolean),
    };
  });

/** As it is written in a payload: "crc16/modbus". */
export function shortName(name: string): string {
  return name.toLowerCase().replace(/^crc-/, "crc");
}

const BY_NAME = new Map(
  CRC_CATALOGUE.flatMap((crc) =>
    [shortName(crc.name), ...crc.aliases].map((name) => [name, crc] as const),
  ),
);

/** By its name in the catalogue, as "CRC-16/MODBUS" or "crc16/modbus", or one that people have for it. */
export function crcNamed(name: string): CrcParameters | undefined {
  return BY_NAME.get(shortName(name));
}
