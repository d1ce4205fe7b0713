import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clampTop,
  type Geometry,
  isScaled,
  MAX_SPACER_HEIGHT,
  maxTop,
  pageRows,
  scrollFromTop,
  scrollRange,
  spacerHeight,
  topFromScroll,
  topToReveal,
  visibleRows,
} from "../../../../extension/webview/datagrams/grid/geometry.ts";

const geometries: fc.Arbitrary<Geometry> = fc.record({
  total: fc.oneof(fc.nat(50), fc.nat(100_000), fc.integer({ min: 1_000_000, max: 10_000_000 })),
  rowHeight: fc.integer({ min: 10, max: 60 }),
  viewHeight: fc.integer({ min: 0, max: 3000 }),
});
/** A geometry and a list position in it. */
const positions = fc
  .tuple(geometries, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([geometry, share]) => ({ geometry, top: maxTop(geometry) * share }));

const small: Geometry = { total: 100, rowHeight: 20, viewHeight: 205 };
const huge: Geometry = { total: 10_000_000, rowHeight: 44, viewHeight: 400 };

describe("scroll geometry", () => {
  it("is the plain one for a list that browsers can show", () => {
    assert.equal(isScaled(small), false);
    assert.equal(spacerHeight(small), 2000);
    assert.equal(maxTop(small), 1795);
    assert.equal(topFromScroll(small, 123.5), 123.5);
    assert.equal(scrollFromTop(small, 123.5), 123.5);
    assert.deepEqual(visibleRows(small, 0), { first: 0, end: 11 });
    assert.deepEqual(visibleRows(small, 19), { first: 0, end: 12 });
    assert.deepEqual(visibleRows(small, 1795), { first: 89, end: 100 });
  });

  it("never makes an element higher than browsers can, at any zoom", () => {
    fc.assert(
      fc.property(geometries, (geometry) => {
        assert.ok(spacerHeight(geometry) <= Math.max(MAX_SPACER_HEIGHT, geometry.viewHeight));
        assert.ok(scrollRange(geometry) >= 0);
      }),
    );
    assert.ok(MAX_SPACER_HEIGHT * 11 < 2 ** 25);
  });

  it("reaches both ends, however long the list is", () => {
    fc.assert(
      fc.property(geometries, (geometry) => {
        const { total } = geometry;
        assert.equal(visibleRows(geometry, topFromScroll(geometry, 0)).first, 0);
        const bottom = topFromScroll(geometry, scrollRange(geometry));
        assert.equal(bottom, maxTop(geometry));
        if (geometry.viewHeight > 0) assert.equal(visibleRows(geometry, bottom).end, total);
        // Fractions of physical pixels may keep the element a little off its end.
        assert.equal(topFromScroll(geometry, scrollRange(geometry) - 0.7), bottom);
      }),
    );
  });

  it("moves forward when the scroll bar does", () => {
    fc.assert(
      fc.property(geometries, fc.nat(), fc.nat(), (geometry, one, other) => {
        const range = scrollRange(geometry);
        const [low, high] = [one % (range + 1), other % (range + 1)].sort((a, b) => a - b);
        assert.ok(topFromScroll(geometry, low ?? 0) <= topFromScroll(geometry, high ?? 0));
      }),
    );
  });

  it("finds back from a list position to it, within what a scroll bar can tell", () => {
    fc.assert(
      fc.property(positions, ({ geometry, top }) => {
        const back = topFromScroll(geometry, scrollFromTop(geometry, top));
        const pixel = scrollRange(geometry) > 0 ? maxTop(geometry) / scrollRange(geometry) : 1;
        assert.ok(Math.abs(back - top) <= 1.01 * Math.max(1, pixel), `${top} came back as ${back}`);
      }),
    );
  });

  it("fills the view with rows", () => {
    fc.assert(
      fc.property(positions, ({ geometry, top }) => {
        const { first, end } = visibleRows(geometry, top);
        const { total, rowHeight, viewHeight } = geometry;
        assert.ok(first >= 0 && end <= total && first <= end);
        assert.ok(first * rowHeight <= top);
        assert.ok(end === total || end * rowHeight >= top + viewHeight);
        assert.ok((end - first - 2) * rowHeight < viewHeight, "more rows than are seen");
      }),
    );
  });

  it("keeps a list that is shorter than the view at its top", () => {
    const short = { total: 3, rowHeight: 20, viewHeight: 500 };
    assert.equal(maxTop(short), 0);
    assert.equal(spacerHeight(short), 500);
    assert.equal(clampTop(short, 70), 0);
    assert.deepEqual(visibleRows(short, 0), { first: 0, end: 3 });
    assert.deepEqual(visibleRows({ ...short, total: 0 }, 0), { first: 0, end: 0 });
  });

  it("turns pages that overlap by a row", () => {
    assert.equal(pageRows(small), 9);
    assert.equal(pageRows({ ...small, viewHeight: 30 }), 1);
    assert.equal(pageRows({ ...small, viewHeight: 0 }), 1);
  });

  it("reveals a row by moving as little as possible", () => {
    assert.equal(topToReveal(small, 100, 7), 100);
    assert.equal(topToReveal(small, 100, 5), 100);
    assert.equal(topToReveal(small, 100, 4), 80);
    assert.equal(topToReveal(small, 100, 15), 115);
    assert.equal(topToReveal(small, 0, 99), 1795);
    assert.equal(topToReveal({ ...small, viewHeight: 15 }, 0, 3), 60);
  });

  it("reveals any row of a huge list wholly", () => {
    fc.assert(
      fc.property(fc.nat(huge.total - 1), fc.nat(maxTop(huge)), (position, from) => {
        const top = topToReveal(huge, from, position);
        assert.ok(position * 44 >= top && (position + 1) * 44 <= top + 400);
      }),
    );
  });
});
