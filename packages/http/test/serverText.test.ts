import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { inspect } from "node:util"
import type { Body } from "../src/internal/body.ts"
import { hiddenOf, readErrors, unrecognized } from "../src/internal/serverText.ts"

const plain = (text: string, hidden: ReadonlyArray<string> = []) =>
  readErrors(text, hidden).map(({ code, title }) => ({ code, title }))

/** What is shown of a title. */
const titleOf = (title: string, hidden: ReadonlyArray<string> = []) =>
  plain(JSON.stringify({ errors: [{ code: "code", title }] }), hidden)[0]?.title

/** A text of 10,000,000 characters. */
const tenMillion = (part: string) => part.repeat(10_000_000 / part.length)

const Secret = Schema.String.check(Schema.isMinLength(8))

describe("the entries of an error body", () => {
  const bodies: ReadonlyArray<readonly [what: string, text: string, ...errors: Array<readonly [string, string]>]> = [
    ["one entry", `{"errors":[{"code":"bad_request","title":"No"}]}`, ["bad_request", "No"]],
    ["two entries", `{"errors":[{"code":"a","title":"1"},{"code":"b","title":"2"}]}`, ["a", "1"], ["b", "2"]],
    ["what else it holds", `{"errors":[{"code":"a","title":"1","detail":{}}],"requestId":"42"}`, ["a", "1"]],
    [
      "half entries",
      `{"errors":[{"title":"no code"},{"code":"a","title":null},{}]}`,
      ["", "no code"],
      ["a", ""],
      ["", ""],
    ],
    ["the older shape", `{"error":{"code":"unauthorized","description":"No"}}`, ["unauthorized", "No"]],
    ["the older shape without a description", `{"error":{"code":"unauthorized"}}`, ["unauthorized", ""]],
    ["the older shape without a code", `{"error":{"code":null,"description":"No"}}`, ["", "No"]],
    ["no entries", `{"errors":[]}`],
    ["entries that say nothing", `{"errors":[{"message":"No"},{"code":""}]}`],
    ["an older error that says nothing", `{"error":{}}`],
    ["errors that are no array", `{"errors":"no"}`],
    ["errors that are an object", `{"errors":{"0":{"code":"a"},"length":1}}`],
    ["entries that are no objects", `{"errors":[1]}`],
    ["a code that is no string", `{"errors":[{"code":400,"title":"no"}]}`],
    ["an older error that is a string", `{"error":"no"}`],
    ["an older code that is no string", `{"error":{"code":401}}`],
    ["a shape in the prototype", `{"__proto__":{"errors":[{"code":"a","title":"1"}]}}`],
    ["another object", `{"message":"no"}`],
    ["an array", `[{"code":"a","title":"1"}]`],
    ["null", "null"],
    ["a string", `"errors"`],
    ["HTML", "<html>502</html>"],
    ["truncated JSON", `{"errors":[{"code":"not_fo`],
    ["nothing", ""],
  ]

  for (const [what, text, ...errors] of bodies) {
    it(`are read from ${what}: ${errors.length}`, () => {
      assert.deepStrictEqual(
        plain(text),
        errors.map(([code, title]) => ({ code, title })),
      )
    })
  }

  it("are 20 at most, the first ones", () => {
    const errors = Array.from({ length: 21 }, (_, index) => ({ code: `code-${index}`, title: "" }))
    assert.deepStrictEqual(plain(JSON.stringify({ errors })), errors.slice(0, 20))
  })

  it("have 200 characters at most in code and title", () => {
    const text = JSON.stringify({ errors: [{ code: "c".repeat(201), title: "t".repeat(201) }] })
    assert.deepStrictEqual(plain(text), [{ code: "c".repeat(200), title: "t".repeat(200) }])
  })

  for (const [what, title, shown] of [
    ["line ends and tabs", "a\r\n\tb", "a\\r\\n\\tb"],
    ["other control characters", "\u0000\u001b[31m\u007f\u0085", "\\u0000\\u001b[31m\\u007f\\u0085"],
    ["separators of lines and paragraphs", "a\u2028b\u2029", "a\\u2028b\\u2029"],
    ["characters that turn the direction of text", "a\u202eb", "a\\u202eb"],
    ["surrogates without a partner", "a\ud800b\udc00", "a\ufffdb\ufffd"],
  ] as const) {
    it(`show ${what} escaped`, () => {
      assert.strictEqual(titleOf(title), shown)
    })
  }

  it("show all other characters as they are", () => {
    assert.strictEqual(titleOf('größer \\ "quoted" 🔑'), 'größer \\ "quoted" 🔑')
  })

  it.effect.prop(
    "are read, or are none, for any text",
    [Schema.String],
    ([text]) =>
      Effect.sync(() => {
        for (const body of [text, JSON.stringify({ errors: [{ code: text, title: text }] })]) {
          for (const { code, title } of readErrors(body, [text])) {
            assert.isAtMost(Math.max(code.length, title.length), 200)
          }
        }
      }),
    { arbitrary: { seed: "any text" } },
  )

  for (const [what, text] of [
    ["300,000 entries", `{"errors":[${`{"code":"a","title":"b"},`.repeat(299_999)}{"code":"a","title":"b"}]}`],
    ["300,000 entries in one another", "[".repeat(300_000)],
    ["300,000 closed entries in one another", `{"errors":${"[".repeat(300_000)}${"]".repeat(300_000)}}`],
    ["a title of 10,000,000 characters", `{"errors":[{"code":"a","title":"${tenMillion("secret")}"}]}`],
    ["5,000,000 line ends", `{"errors":[{"code":"a","title":"${tenMillion("\\n")}"}]}`],
  ] as const) {
    it(`are read in a moment from ${what}`, { timeout: 5000 }, () => {
      const shown = readErrors(text, ["secretsecretsecret", "a".repeat(8000)])
      assert.isAtMost(inspect(shown, { maxStringLength: null }).length, 10_000)
    })
  }
})

describe("a hidden value", () => {
  it("is replaced wherever it is in a code or a title", () => {
    const text = JSON.stringify({ errors: [{ code: "the-secret", title: "a the-secret, the-secretthe-secret." }] })
    assert.deepStrictEqual(plain(text, ["the-secret"]), [
      { code: "<redacted>", title: "a <redacted>, <redacted><redacted>." },
    ])
  })

  it("is replaced in the older shape", () => {
    const text = JSON.stringify({ error: { code: "the-secret", description: "no the-secret" } })
    assert.deepStrictEqual(plain(text, ["the-secret"]), [{ code: "<redacted>", title: "no <redacted>" }])
  })

  it("is found where JSON spells it with escapes", () => {
    assert.deepStrictEqual(plain(`{"errors":[{"code":"the\\u002dsecret"}]}`, ["the-secret"]), [
      { code: "<redacted>", title: "" },
    ])
  })

  it("is found where it is half within the 200 characters", () => {
    const secret = "0123456789".repeat(10)
    for (const before of [100, 150, 199]) {
      const shown = titleOf(`${"t".repeat(before)}${secret}`, [secret])
      assert.isTrue(
        "t"
          .repeat(before)
          .concat("<redacted>")
          .startsWith(shown ?? ""),
        shown,
      )
    }
  })

  it("is no pattern", () => {
    assert.strictEqual(titleOf("abcdefgh $& ........", ["........"]), "abcdefgh $& <redacted>")
  })

  it("is found as it was sent, and not in other case", () => {
    assert.strictEqual(titleOf("THE-SECRET", ["the-secret"]), "THE-SECRET")
  })

  it("of fewer than 8 characters is not looked for", () => {
    assert.strictEqual(titleOf("unsuccessful", ["s", "success", ""]), "unsuccessful")
    assert.strictEqual(titleOf("unsuccessful", ["successf"]), "un<redacted>ul")
  })

  it.effect.prop(
    "is nowhere in what is shown",
    [Secret, Schema.String],
    ([secret, around]) =>
      Effect.sync(() => {
        const echo = `${around}${secret}${around}${secret}`
        for (const body of [
          { errors: [{ code: secret, title: echo }, { title: secret }, { code: echo }] },
          { error: { code: echo, description: secret } },
        ]) {
          for (const { code, title } of readErrors(JSON.stringify(body), [secret])) {
            assert.notInclude(code, secret)
            assert.notInclude(title, secret)
          }
        }
      }),
    { arbitrary: { seed: "secrets" } },
  )
})

describe("an unrecognized body", () => {
  const body: Body = { bytes: 7, text: "<html/>", problem: undefined }
  const make = (options: Partial<Body>) => unrecognized({ ...body, ...options }, "text/html", [])

  it("has its text redacted, its type and its size", () => {
    const body = make({})
    assert.deepStrictEqual([body.contentType, body.bytes, body.problem], ["text/html", 7, undefined])
    assert.strictEqual(Redacted.value(body.text), "<html/>")
  })

  it("has 1,000 characters of its text at most", () => {
    assert.strictEqual(Redacted.value(make({ text: "t".repeat(1001) }).text), "t".repeat(1000))
  })

  for (const [contentType, shown] of [
    ["text/html", "text/html"],
    ["application/problem+json; charset=utf-8", "application/problem+json"],
    [" text/plain ;boundary=the-secret", "text/plain"],
    [`text/${"t".repeat(75)}`, `text/${"t".repeat(75)}`],
    [`text/${"t".repeat(76)}`, undefined],
    ["text/the-secret", undefined],
    ["text", undefined],
    ["text/", undefined],
    ["text/html/x", undefined],
    ["text/html, text/plain", undefined],
    ["text/ht\nml", undefined],
    ["text/ht ml", undefined],
    ["text/hÿml", undefined],
    ["", undefined],
    [undefined, undefined],
  ] as const) {
    it(`called ${inspect(contentType)} has the type ${shown}`, () => {
      assert.strictEqual(unrecognized(body, contentType, ["the-secret"]).contentType, shown)
    })
  }

  it.effect.prop(
    "shows nothing of its text",
    [Schema.String.check(Schema.isMinLength(12))],
    ([text]) =>
      Effect.sync(() => {
        const body = make({ text, bytes: text.length })
        for (const shown of [String(body), inspect(body, { depth: null }), JSON.stringify(body)]) {
          assert.notInclude(shown, text)
        }
      }),
    { arbitrary: { seed: "bodies" } },
  )
})

describe("the values that were sent", () => {
  const encode = (text: string) => Buffer.from(text, "utf8").toString("base64")
  const withoutPadding = (text: string) => text.replace(/=+$/, "")

  it("are the token behind the scheme", () => {
    assert.deepStrictEqual(hiddenOf("Bearer the-token", {}), ["the-token"])
  })

  it("are an API key encoded, with or without its padding, as a pair, and its secret with its colons", () => {
    const credential = encode("app_key:pä:ss")
    assert.match(credential, /=$/)
    for (const scheme of ["Basic", "basic"]) {
      const hidden = [withoutPadding(credential), "app_key:pä:ss", "pä:ss"]
      assert.deepStrictEqual(hiddenOf(`${scheme} ${credential}`, {}), hidden)
    }
  })

  it("are a basic credential as it is, where it is no base64", () => {
    assert.deepStrictEqual(hiddenOf("Basic ***", {}), ["***"])
  })

  it("are the values of the caller's headers, each once, except of those that are in every request", () => {
    const headers = {
      Accept: "application/json",
      "accept-encoding": "gzip, br",
      "accept-language": "de",
      "content-type": "application/json",
      "user-agent": "an application",
      "x-api-key": "the-key",
      "x-other": "the-token",
    }
    assert.deepStrictEqual(hiddenOf("Bearer the-token", headers), ["the-token", "the-key"])
  })

  it("are the credential for a proxy, and what is in it", () => {
    const credential = encode("user:password")
    assert.deepStrictEqual(hiddenOf("Bearer t", { "Proxy-Authorization": `Basic ${credential}` }), [
      "t",
      `Basic ${credential}`,
      withoutPadding(credential),
      "user:password",
      "password",
    ])
  })
})
