import assert from "node:assert/strict";
import { join } from "node:path";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import { formatAddress } from "../../../../extension/core/wire/address.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import { RowFilter } from "../../../../extension/host/filter/row_filter.ts";

const FIELD = join(import.meta.dirname, "../../../data/field");

describe("captures from the field", () => {
  async function read(name: string) {
    const saved = new SavedCapture(join(FIELD, name));
    const { datagrams, otherPackets, problems } = await saved.read();
    const { capture } = saved;
    const ids = Array.from({ length: capture.length }, (_, position) => capture.idAt(position));
    const payloads = await Promise.all(ids.map((id) => saved.payload(id)));
    await saved.close();
    return { datagrams, otherPackets, problems, capture, ids, payloads };
  }

  for (const [name, datagrams] of [
    ["ipv4_bigtcp_udp_length_0_ip_length_0.pcap", 1],
    ["ipv6_jumbogram_70000_bytes.pcap", 1],
    ["ipv6_packet_with_mapped_addresses.pcap", 2],
    ["null_header_0f000800.pcap", 4],
    ["pcapng_statistics_of_unknown_interface.pcapng", 1],
    ["vntag_etag_rtag_ah_udp_counted_as_not_udp.pcap", 4],
    ["gzip_bad_crc.pcap.gz", 5000],
    ["linktype_ipv4_228_holds_ipv6.pcap", 0],
  ] as const) {
    it(`has ${datagrams} datagrams in ${name}`, async () => {
      const found = await read(name);
      assert.equal(found.datagrams, datagrams);
      const isDamaged = name.startsWith("gzip");
      assert.deepEqual(
        found.problems.map(({ code }) => code),
        isDamaged ? ["gzipDamaged"] : [],
      );
      assert.equal(found.otherPackets.malformed, datagrams === 0 ? 1 : 0);
    });
  }

  it("knows how long a jumbogram is, and has all of it", async () => {
    const { capture, ids, payloads } = await read("ipv6_jumbogram_70000_bytes.pcap");
    const [id = -1] = ids;
    assert.deepEqual([capture.wireLength(id), payloads[0]?.length], [70_000, 70_000]);
  });

  it("shows an address of IPv6 as one, also where it holds one of IPv4", async () => {
    const { capture, ids } = await read("ipv6_packet_with_mapped_addresses.pcap");
    const sources = ids.map((id) => {
      const { sourceAddress } = capture.flow(id);
      return formatAddress(sourceAddress, 0, sourceAddress.length === 4 ? 4 : 16);
    });
    assert.deepEqual(sources.sort(), ["10.0.0.1", "::ffff:10.0.0.1"]);
  });

  it("pairs nothing of what a host forwards", async () => {
    const { capture, ids } = await read("sll_any_router_in_then_out.pcap");
    assert.deepEqual(
      ids.map((id) => capture.delivery(id)),
      new Array(4).fill(Delivery.alone),
    );
  });

  it("is filtered by what its payloads are, beside Wireshark's fields or alone", async () => {
    const saved = new SavedCapture(join(FIELD, "wireshark_filters_f.pcap"));
    await saved.read();
    const rows = new RowList(saved.capture);
    const source = {
      ...{ isLive: false, capture: saved.capture, evicted: 0, remarks: [], progress: undefined },
      name: "field",
      payload: (id: number) => saved.payload(id),
      onDidChange: () => ({ dispose: () => {} }),
      cancel: () => {},
    };
    const filter = new RowFilter(source, rows, () => {});
    for (const [text, expected] of [
      ["dns && udp.port == 53", [2]],
      ["dns", [2]],
      ["udp && !dns", [1, 3, 4]],
      ["ssdp or dns", [1, 2]],
      ["udp.port == 53 and not dns", [3]],
    ] as const) {
      const compiled = compileFilter(text);
      assert.ok("filter" in compiled, text);
      filter.apply(compiled.filter);
      await filter.searched();
      const shown = Array.from({ length: rows.length }, (_, row) => rows.numberAt(row));
      assert.deepEqual(shown, expected, text);
    }
    filter.dispose();
    rows.dispose();
    await saved.close();
  });

  it("counts from the first packet, which need not be a datagram", async () => {
    const { capture, ids } = await read("time_relative_first_frame_is_tcp.pcap");
    const last = ids.at(-1) ?? -1;
    assert.ok(capture.time(last) - capture.start > 2.5e6);
    assert.ok(capture.start < capture.time(ids[0] ?? -1));
  });
});
