import assert from "node:assert/strict";
import { byteText, numberText, setLanguage, t } from "../../../../extension/webview/parts/l10n.ts";

describe("t()", () => {
  const english = { language: "en", texts: {} };

  afterEach(() => setLanguage(english));

  it("says what the editor's language has for a text, and the text where it has nothing", () => {
    setLanguage({ language: "zh-cn", texts: { Copy: "复制", "{0} bytes": "{0} 字节" } });
    assert.equal(t("Copy"), "复制");
    assert.equal(t("Close"), "Close");
    assert.equal(byteText(65_507), "65,507 字节");
    // What every object has is no translation.
    assert.equal(t("toString"), "toString");
    setLanguage(english);
    assert.equal(t("Copy"), "Copy");
  });

  it("counts in the singular and in the plural", () => {
    assert.equal(byteText(0), "0 bytes");
    assert.equal(byteText(1), "1 byte");
    assert.equal(byteText(65_507), "65,507 bytes");
  });

  it("writes numbers as the language does", () => {
    for (const [language, number] of [
      ["en", "1,234.5"],
      ["de", "1.234,5"],
      ["zh-cn", "1,234.5"],
    ] as const) {
      setLanguage({ language, texts: {} });
      assert.equal(numberText(1234.5), number);
      assert.equal(t("{0} new", 1234.5), `${number} new`);
    }
  });

  it("fills in every placeholder, in any order, and nothing in what is filled in", () => {
    assert.equal(t("{1} of {0} of {1}", 5, 6), "6 of 5 of 6");
    assert.equal(t("{0} {2}", 5), "5 {2}");
    assert.equal(t("{0} {1}", "{1}", "$&"), "{1} $&");
  });
});
