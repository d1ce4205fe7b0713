export type TargetId =
  | "cortex-m"
  | "arm-linux"
  | "riscv32"
  | "x86-64-linux"
  | "aarch64-linux"
  | "i386-linux"
  | "x64-windows"
  | "arm64-macos";

/**
 * How the compilers of a target lay out structs: what C leaves to them. Measured with clang 14 for each target; gcc agrees
 * where it has the target. Of ARM: "Procedure Call Standard for the Arm Architecture" (AAPCS32), 8.1, and for 64 bits
 * (AAPCS64), 10.1; of x86: System V ABI, 3.1; of Windows: "x64 ABI conventions" and "C bit fields" in Microsoft's documentation.
 */
export interface Target {
  readonly id: TargetId;
  /** As people call it; not translated. */
  readonly name: string;
  /** Of `long`. */
  readonly long: 4 | 8;
  readonly pointer: 4 | 8;
  /** Of 8 bytes: `long long` and `double` within a struct. */
  readonly align8: 4 | 8;
  readonly longDouble: { readonly size: number; readonly align: number };
  readonly isCharSigned: boolean;
  readonly wchar: { readonly size: 2 | 4; readonly isSigned: boolean };
  /** An enum is as small as its values allow (`-fshort-enums`). */
  readonly hasShortEnums: boolean;
  /**
   * `sysv`: bit-fields follow one another as long as none straddles a unit of its type; `microsoft`: they share a unit only
   * with others of the same size.
   */
  readonly bitFields: "sysv" | "microsoft";
  /** A bit-field without a name aligns its struct, too (AAPCS). */
  readonly doUnnamedAlign: boolean;
}

const SYSV = {
  long: 8,
  pointer: 8,
  align8: 8,
  longDouble: { size: 16, align: 16 },
  isCharSigned: true,
  wchar: { size: 4, isSigned: true },
  hasShortEnums: false,
  bitFields: "sysv",
  doUnnamedAlign: false,
} as const satisfies Omit<Target, "id" | "name">;

const ARM32 = {
  ...SYSV,
  long: 4,
  pointer: 4,
  longDouble: { size: 8, align: 8 },
  isCharSigned: false,
  wchar: { size: 4, isSigned: false },
  doUnnamedAlign: true,
} as const satisfies Omit<Target, "id" | "name">;

export const TARGETS: readonly Target[] = [
  { ...ARM32, id: "cortex-m", name: "ARM Cortex-M", hasShortEnums: true },
  { ...ARM32, id: "arm-linux", name: "32-bit ARM Linux" },
  {
    ...SYSV,
    id: "riscv32",
    name: "RISC-V, 32 bits",
    long: 4,
    pointer: 4,
    isCharSigned: false,
  },
  { ...SYSV, id: "x86-64-linux", name: "x86-64 Linux" },
  {
    ...SYSV,
    id: "aarch64-linux",
    name: "64-bit ARM Linux",
    isCharSigned: false,
    wchar: { size: 4, isSigned: false },
    doUnnamedAlign: true,
  },
  {
    ...SYSV,
    id: "i386-linux",
    name: "32-bit x86 Linux",
    long: 4,
    pointer: 4,
    align8: 4,
    longDouble: { size: 12, align: 4 },
  },
  {
    ...SYSV,
    id: "x64-windows",
    name: "x64 Windows",
    long: 4,
    longDouble: { size: 8, align: 8 },
    wchar: { size: 2, isSigned: false },
    bitFields: "microsoft",
  },
  {
    ...SYSV,
    id: "arm64-macos",
    name: "macOS, Apple silicon",
    longDouble: { size: 8, align: 8 },
  },
];
