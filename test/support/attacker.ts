/**
 * Somebody with everything that reached one party, and with a crawl of every page of a shop, who
 * wants to know which of them were bought: looks for pages by name, by any hash that could have
 * been made of one, and by what it costs.
 */
import { hash } from 'node:crypto';
import { EXPIRES_NEVER, encodeOpaque } from '../../src/protocol/challenge.ts';
import { canonicalJson } from '../../src/protocol/json.ts';
import { encodeTerms, type Terms } from '../../src/protocol/terms.ts';

/** A page as the crawl has it; its terms are there for all to see. */
export interface CrawledPage {
  readonly url: string;
  readonly title: string;
  readonly terms: Terms;
}

/** Base64 in base64 in base64: deeper than anything of ours. */
const DEPTH_MAX = 5;
/** So much of a hash is no accident: 96 bits. */
const PREFIX_LENGTH = 16;
const NO_ID = '';
const ZEROS = Buffer.alloc(32);
const LABEL = Buffer.from('farthing/bind/1');

function textOf(run: string): string | undefined {
  const bytes = Buffer.from(run, 'base64');
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes) && !/[^\P{Cc}\n\r\t]/u.test(text);
  return isText ? text : undefined;
}

/** The text and every text that is encoded in it. */
function layersOf(text: string, depth = 0): string[] {
  if (depth === DEPTH_MAX) return [text];
  const runs = [...text.matchAll(/[A-Za-z0-9_-]{12,}|[A-Za-z0-9+/]{12,}={0,2}/g)];
  const inner = runs.flatMap(([run]) => textOf(run) ?? []);
  return [...new Set([text, ...inner.flatMap((it) => layersOf(it, depth + 1))])];
}

/** What stands in a record that could be a hash, an id or a key. */
function valuesIn(layers: readonly string[]) {
  const runs = layers.flatMap((layer) => layer.match(/[A-Za-z0-9_-]{16,}/g) ?? []);
  const hexes = layers.flatMap((layer) => layer.match(/\b[0-9a-f]{24,}\b/gi) ?? []);
  const spelt = hexes.map((it) => Buffer.from(it, 'hex').toString('base64url'));
  const standard = layers.flatMap((layer) => layer.match(/[A-Za-z0-9+/]{22,}={0,2}/g) ?? []);
  const asUrl = standard.map((it) => Buffer.from(it, 'base64').toString('base64url'));
  const all = new Set([...runs, ...spelt, ...asUrl]);
  const keys = [...all].filter((it) => it.length === 43);
  return {
    prefixes: new Set([...all].map((it) => it.slice(0, PREFIX_LENGTH))),
    ids: [...all].filter((it) => it.length === 22),
    keys,
    /** None and nothing, and whatever is as long as a salt. */
    salts: [Buffer.alloc(0), ZEROS, ...keys.map((key) => Buffer.from(key, 'base64url'))],
    times: new Set([...layers.join().matchAll(/"iat":(\d+)/g)].map(([, sec]) => Number(sec))),
  };
}
type Values = ReturnType<typeof valuesIn>;

function namesOf({ url, title, terms }: CrawledPage): string[] {
  const { host, pathname, search } = new URL(url);
  const path = pathname + search;
  const request = encodeTerms(terms);
  const place = canonicalJson([terms.origin, terms.item]);
  return [url, path, host + path, title, request, place, encodeURIComponent(path)];
}

/** What a careless wallet could have hashed, in one piece: nothing in it is a secret. */
function* guessesFor(page: CrawledPage, values: Values): Generator<string | Buffer> {
  const { ids, keys, times } = values;
  const names = namesOf(page);
  yield* names;
  const { hostname, pathname } = new URL(page.url);
  for (const value of [...ids, ...keys]) {
    yield value + pathname;
    yield pathname + value;
  }
  for (const id of ids) yield Buffer.concat([Buffer.from(id, 'base64url'), Buffer.from(pathname)]);
  for (const iat of times) yield* commitmentsTo(page, values, iat);
  const request = encodeTerms(page.terms);
  for (const id of [NO_ID, ...ids]) {
    const opaque = id === NO_ID ? '' : encodeOpaque({ n: id });
    yield [hostname, 'farthing', 'charge', request, EXPIRES_NEVER, '', opaque].join('|');
  }
}

/** Commitments (SPEC 6.3) whose salt or whose id is one that everybody sees, or none. */
function* commitmentsTo(
  { url, terms }: CrawledPage,
  { ids, salts }: Values,
  iat: number,
): Generator<Buffer> {
  const fixed = { amt: `${terms.amountMicros}`, iat, realm: new URL(url).hostname };
  const opening = { ...fixed, request: encodeTerms(terms) };
  const noIds = [NO_ID, ZEROS.subarray(0, 16).toString('base64url')];
  for (const jti of [...noIds, ...ids]) {
    const sealed = Buffer.from(canonicalJson(jti === NO_ID ? opening : { ...opening, jti }));
    const likely = noIds.includes(jti) ? salts : salts.slice(0, 2);
    for (const salt of likely) yield Buffer.concat([LABEL, salt, sealed]);
  }
}

/** Pages that one amount alone gives away: nothing else in the shop costs that. */
function pricedAlone(layers: readonly string[], crawl: readonly CrawledPage[]): CrawledPage[] {
  const said = layers.join().matchAll(/"(?:amt|tot|rtot)":"(\d+)"/g);
  const totals = [0n, ...[...said].map(([, micros = '']) => BigInt(micros))];
  const steps = new Set(totals.flatMap((a) => totals.map((b) => a - b)));
  const byPrice = Map.groupBy(crawl, ({ terms }) => terms.amountMicros);
  return [...byPrice].flatMap(([price, pages]) =>
    pages.length === 1 && steps.has(price) ? pages : [],
  );
}

/** The addresses of the pages that a record gives away. */
export function pagesIn(record: readonly string[], crawl: readonly CrawledPage[]): string[] {
  const layers = layersOf(record.join('\n'));
  const whole = layers.join('\n');
  const values = valuesIn(layers);
  const isHashed = (page: CrawledPage) => {
    for (const guess of guessesFor(page, values))
      if (values.prefixes.has(hash('sha256', guess, 'base64url').slice(0, PREFIX_LENGTH)))
        return true;
    return false;
  };
  const isNamed = (page: CrawledPage) => namesOf(page).some((name) => whole.includes(name));
  const found = crawl.filter((page) => isNamed(page) || isHashed(page));
  return [...new Set([...found, ...pricedAlone(layers, crawl)])].map(({ url }) => url).sort();
}
