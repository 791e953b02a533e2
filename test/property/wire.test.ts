/** What is written is read back as it was: texts, terms, challenges, credentials, tokens. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../src/protocol/base64url.ts';
import {
  type Challenge,
  decodeOpaque,
  encodeOpaque,
  formatChallenge,
  importHmacKey,
  isGenuine,
  parseChallenges,
  sealChallenge,
} from '../../src/protocol/challenge.ts';
import { bindingOf, type Opening } from '../../src/protocol/charge.ts';
import {
  CREDENTIAL_LENGTH_MAX,
  formatCredential,
  parseCredential,
} from '../../src/protocol/credential.ts';
import { formatDuration, parseDuration } from '../../src/protocol/duration.ts';
import { checkItem, defaultItem } from '../../src/protocol/item.ts';
import { canonicalJson, type Json, parseCanonicalJson } from '../../src/protocol/json.ts';
import { MICROS_MAX, micros } from '../../src/protocol/money.ts';
import { decodeTerms } from '../../src/protocol/request.ts';
import { encodeTerms, type Terms } from '../../src/protocol/terms.ts';
import { cleanText, shortText } from '../../src/protocol/text.ts';

const CENTURY_SEC = 100 * 366 * 86_400;
const unicode = fc.string({ unit: 'grapheme' });
const anyText = fc.oneof(unicode, fc.string({ unit: 'binary' })).filter((it) => it.isWellFormed());
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const ids = bytes(16).map(encodeBase64url);
const salts = bytes(32).map(encodeBase64url);
const amounts = fc.bigInt({ min: 1n, max: MICROS_MAX }).map(micros);
const durations = fc.oneof(
  fc.nat(CENTURY_SEC),
  fc.nat(36_600).map((days) => days * 86_400),
);
const times = fc
  .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const items = anyText.filter((text) => {
  try {
    return checkItem(text) === text;
  } catch {
    return false;
  }
});
const terms: fc.Arbitrary<Terms> = fc.record({
  amountMicros: amounts,
  currency: fc.constantFrom('USD', 'EUR', 'JPY'),
  payto: fc.constantFrom('thedaily@pay.example', 'a@localhost:4000'),
  origin: fc.constantFrom('https://news.example', 'http://localhost:4000'),
  item: items,
  durationSec: durations,
  refundSec: durations,
  cap: fc.option(
    fc.record({ amountMicros: amounts, periodSec: durations.filter((seconds) => seconds > 0) }),
    { nil: undefined },
  ),
  meter: fc.option(fc.constantFrom('10s', '1MB', '999999req'), { nil: undefined }),
});
const opaques = fc.dictionary(anyText, anyText, { maxKeys: 4 }).map(encodeOpaque);
const unsealed: fc.Arbitrary<Omit<Challenge, 'id'>> = fc.record(
  {
    realm: fc.domain(),
    method: fc.constant('farthing' as const),
    intent: fc.constant('charge' as const),
    request: terms.map(encodeTerms),
    expires: times,
    description: anyText.filter((text) => text.length > 0 && text.length <= 600),
    digest: bytes(32).map((hash) => `sha-256=:${Buffer.from(hash).toString('base64')}:`),
    opaque: opaques.filter((text) => text.length <= 2048),
  },
  { requiredKeys: ['realm', 'method', 'intent', 'request', 'expires'] },
);
const challenges = fc.record({ id: ids, rest: unsealed }).map(({ id, rest }) => ({ ...rest, id }));
const openings: fc.Arbitrary<Opening> = fc.record(
  {
    jti: ids,
    amt: amounts,
    realm: fc.domain(),
    request: terms.map(encodeTerms),
    digest: fc.constant('sha-256=:AAAA:'),
    iat: fc.maxSafeNat(),
  },
  { requiredKeys: ['jti', 'amt', 'realm', 'request', 'iat'] },
);

describe('what is written is read back as it was', () => {
  test('bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(decodeBase64url(encodeBase64url(data))).toEqual(data);
        expect(encodeBase64url(data)).toBe(Buffer.from(data).toString('base64url'));
      }),
    );
  });

  test('durations', () => {
    fc.assert(
      fc.property(durations, (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toBe(seconds);
      }),
    );
  });

  test('terms', () => {
    fc.assert(
      fc.property(terms, (it) => {
        expect(decodeTerms(encodeTerms(it))).toEqual(it);
      }),
    );
  });

  test('opaque data', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, anyText), (data) => {
        expect({ ...decodeOpaque(encodeOpaque(data)) }).toEqual({ ...data });
      }),
    );
  });

  test('a challenge, with any description, among other schemes', () => {
    fc.assert(
      fc.property(challenges, (challenge) => {
        const header = `Basic realm="a, \\"b", ${formatChallenge(challenge)}, Bearer error="x"`;
        expect(parseChallenges(header)).toEqual([challenge]);
      }),
    );
  });

  test('a credential, unless it is too long', () => {
    const short = fc.record({ challenge: challenges, opening: openings, salt: salts, charge: ids });
    fc.assert(
      fc.property(short, ({ challenge, opening, salt, charge }) => {
        const payload = { action: 'charge' as const, charge, opening, salt };
        const header = formatCredential({ challenge, payload });
        if (header.length > CREDENTIAL_LENGTH_MAX)
          expect(() => parseCredential(header)).toThrow(/too large/);
        else expect(parseCredential(header)).toEqual({ challenge, payload });
      }),
    );
  });
});

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyText,
    fc.maxSafeInteger().map((number) => number + 0),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('canonical JSON', () => {
  test('is read back as the value it was written from', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parseCanonicalJson(canonicalJson(value))).toEqual(value);
      }),
    );
  });

  test('is what it is read from, or it is refused', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), (text) => {
        let value: unknown;
        try {
          value = parseCanonicalJson(text);
        } catch {
          return;
        }
        expect(canonicalJson(value as Json)).toBe(text);
      }),
    );
  });

  test('does not depend on the order in which members were set', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.nat(), { noNullPrototype: true }), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(object));
      }),
    );
  });
});

describe('bindings', () => {
  test('are equal only for the same opening and salt', async () => {
    const pairs = fc.record({ opening: openings, salt: salts });
    await fc.assert(
      fc.asyncProperty(pairs, pairs, async (a, b) => {
        const same = canonicalJson({ ...a.opening, salt: a.salt });
        const equal = same === canonicalJson({ ...b.opening, salt: b.salt });
        expect((await bindingOf(a)) === (await bindingOf(b))).toBe(equal);
        expect(await bindingOf({ ...a })).toBe(await bindingOf(a));
      }),
    );
  });
});

describe('a sealed challenge', () => {
  test('is genuine, and not after any change to a slot', async () => {
    const key = await importHmacKey(new Uint8Array(32));
    const slots = ['realm', 'request', 'expires', 'digest', 'opaque'] as const;
    await fc.assert(
      fc.asyncProperty(unsealed, fc.constantFrom(...slots), async (challenge, slot) => {
        const sealed = await sealChallenge(challenge, key);
        expect(await isGenuine(sealed, key)).toBe(true);
        expect(await isGenuine({ ...sealed, [slot]: `${sealed[slot] ?? ''}x` }, key)).toBe(false);
      }),
    );
  });
});

const queries = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom('utm_source', 'UTM_x', 'fbclid', 'gclid', '_ga', 'id', 'page', 'utm', 'q'),
        fc.stringMatching(/^[a-z_]{1,6}$/),
      ),
      fc.stringMatching(/^[a-z0-9%]{0,4}$/).map((text) => text.replaceAll('%', '%20')),
    ),
    { maxLength: 6 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`));
const TRACKING =
  /^(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|twclid|yclid|igshid|mc_[ce]id|_ga|_gl)=/i;

describe('the default item', () => {
  test('drops the tracking list and nothing else, and keeps order and spelling', () => {
    fc.assert(
      fc.property(queries, (query) => {
        const kept = query.filter((parameter) => !TRACKING.test(parameter)).join('&');
        const url = new URL(`https://a.example/x?${query.join('&')}#top`);
        expect(defaultItem(url)).toBe(kept ? `/x?${kept}` : '/x');
      }),
    );
  });

  test('of its own address is itself', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (href) => {
        const url = new URL(href);
        const item = defaultItem(url);
        expect(defaultItem(new URL(url.origin + item))).toBe(item);
      }),
    );
  });
});

describe('text from a seller', () => {
  test('is clean after one cleaning, on one line, without controls', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanText(text);
        expect(cleanText(clean)).toBe(clean);
        expect(clean).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]|^\s|\s$|\s\s/u);
      }),
    );
  });

  test('is never longer than it may be', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, lengthMax) => {
        expect([...shortText(text, lengthMax)].length).toBeLessThanOrEqual(lengthMax);
      }),
    );
  });
});
