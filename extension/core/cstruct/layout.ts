import { CRefusal } from "./problem.ts";
import type { Target } from "./target.ts";
import type { CMember, CRecord, CType } from "./types.ts";

/** More than a datagram carries. */
export const MOST_BYTES = 65_536;

/** A member that was read, before it has a place. */
export interface Declared {
  /** Undefined: a bit-field that is there for its room alone, or a struct or union without a name. */
  readonly name: string | undefined;
  readonly type: CType;
  readonly bitWidth: number | undefined;
  readonly isPacked: boolean;
  /** 0: none was asked for. */
  readonly aligned: number;
  /** Of the text, for refusals. */
  readonly at: number;
}

export interface Shape {
  readonly kind: "struct" | "union";
  readonly tag: string | undefined;
  readonly members: readonly Declared[];
  readonly isPacked: boolean;
  /** Of `#pragma pack`; 0: none. */
  readonly pack: number;
  /** 0: none was asked for. */
  readonly aligned: number;
}

/** Gives each member its place, as the compilers of a target do. Without alignment for `isPacked`, or `#pragma pack`. */
export function layOut(shape: Shape, target: Target): CRecord {
  const { kind, tag, members, aligned } = shape;
  const isMicrosoft = target.bitFields === "microsoft";
  const placed: CMember[] = [];
  let end = 0;
  let most = 0;
  let align = 1;
  /** Of Microsoft's compilers: the unit that is being filled. */
  let unit: { readonly size: number; readonly end: number } | undefined;

  for (const member of members) {
    const { name, type, bitWidth } = member;
    const natural = alignmentOf(member, shape);
    if (kind === "union") {
      end = 0;
      unit = undefined;
    }
    let offset: number;
    if (bitWidth === undefined) {
      // What follows a unit of Microsoft's begins behind all of it.
      offset = roundUp(unit?.end ?? end, natural * 8);
      unit = undefined;
      align = Math.max(align, natural);
      end = offset + type.size * 8;
    } else if (isMicrosoft) {
      const fits = unit?.size === type.size && end + bitWidth <= unit.end;
      if (bitWidth === 0) {
        // Where nothing is to be closed it means nothing.
        if (!unit) continue;
        end = roundUp(unit.end, natural * 8);
        unit = undefined;
        align = Math.max(align, natural);
        most = Math.max(most, end);
        continue;
      }
      if (!fits) {
        const start = roundUp(unit?.end ?? end, natural * 8);
        unit = { size: type.size, end: start + type.size * 8 };
        end = start;
      }
      align = Math.max(align, natural);
      offset = end;
      end += bitWidth;
      most = Math.max(most, unit?.end ?? 0);
    } else {
      const isStraddling =
        shape.pack === 0 && !isPacked(member, shape) && straddles(end, bitWidth, natural * 8, type);
      if (bitWidth === 0) end = roundUp(end, type.align * 8);
      else if (isStraddling) end = roundUp(end, natural * 8);
      if (name !== undefined || target.doUnnamedAlign) {
        align = Math.max(align, bitWidth === 0 ? type.align : bitFieldAlignment(member, shape));
      }
      offset = end;
      end += bitWidth;
    }
    most = Math.max(most, end);
    if (name !== undefined || bitWidth === undefined) {
      placed.push({ name, type, bitOffset: offset, bitWidth });
    }
    if (Math.max(end, most) > MOST_BYTES * 8) {
      throw new CRefusal("tooLarge", member.at, tag ?? kind, MOST_BYTES);
    }
  }
  align = Math.max(align, aligned);
  return { kind, tag, members: placed, align, size: roundUp(most, align * 8) / 8 };
}

/** Of a member within its struct, in bytes. */
function alignmentOf(member: Declared, shape: Shape): number {
  const { type, aligned } = member;
  const natural = isPacked(member, shape) ? 1 : type.align;
  const wanted = Math.max(natural, aligned);
  return shape.pack > 0 ? Math.min(wanted, shape.pack) : wanted;
}

/** Of gcc and clang: what a bit-field asks of its struct. With `#pragma pack`, packed or not makes no difference. */
function bitFieldAlignment(member: Declared, shape: Shape): number {
  if (shape.pack > 0) return Math.min(member.type.align, shape.pack);
  return isPacked(member, shape) ? 1 : member.type.align;
}

function isPacked(member: Declared, shape: Shape): boolean {
  return member.isPacked || shape.isPacked;
}

/** Whether a bit-field would lie in more units of its type's alignment than its type has. */
function straddles(at: number, width: number, alignBits: number, type: CType): boolean {
  const units = Math.ceil(((at % alignBits) + width) / alignBits);
  return units > (type.size * 8) / alignBits;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
