import { networkInterfaces } from "node:os";
import type { InterfaceAddress } from "../../core/wire/reach.ts";

/** The addresses of this machine's interfaces that are up. */
export function interfaceAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([device, list = []]) =>
    list.map(({ address, cidr }) => {
      const bits = Number(cidr?.split("/")[1]);
      return { device, address, prefixLength: Number.isInteger(bits) ? bits : undefined };
    }),
  );
}
