/**
 * Fee markup in the spellings that people and programs write, each with what it says; sown into
 * saved pages at places that a seed picks. What detection then finds is exactly what was put in.
 * It runs in Node and, bundled, in a page.
 */
import { seeded } from '../support/seeded.ts';

/** What a link says: its offer, or the code that refuses it and the attribute at fault. */
export type Says =
  | {
      readonly kind: 'offer';
      readonly href: string;
      readonly price: string;
      readonly payto: string;
      readonly title: string;
    }
  | { readonly kind: 'malformed'; readonly code: string; readonly attribute: string };

/** A piece of markup, and what each of its links says; nothing of what only looks like one. */
export interface Sown {
  readonly html: string;
  /** By the `id` of each link. */
  readonly says: Readonly<Record<string, Says>>;
}

/** A page's own tags and what links inherit of them. */
export interface SownPage {
  readonly head: string;
  readonly payto: string;
  readonly fields: Readonly<Record<string, string>>;
}

const PAGES: readonly SownPage[] = [
  {
    head: '<meta name="fee:payto" content="daily@pay.example">',
    payto: 'daily@pay.example',
    fields: { payto: 'daily@pay.example' },
  },
  {
    head:
      '<META NAME="Fee:Payto" CONTENT="first@pay.example"><meta content="second@pay.example" ' +
      'name=fee:payto><meta name="fee:refund" content=none><meta name=fee:PRICE content="1 EUR">',
    payto: 'first@pay.example',
    fields: { payto: 'first@pay.example', refund: 'none', price: '1 EUR' },
  },
  {
    head:
      '<meta property="fee:payto" content="x@pay.example"><meta name="fee:unknown" content="y">' +
      '<meta name="fee:payto" content="a@pay.example, b@pay.example"><meta name="feeprice">' +
      '<meta name=" fee:title " content="z">',
    payto: 'a@pay.example b@pay.example',
    fields: { payto: 'a@pay.example, b@pay.example' },
  },
];

type Spelling = (id: string, payto: string) => Sown;

/** One link with the id in it, that says something. */
function offer(
  write: (id: string) => string,
  differs: (id: string) => Partial<Extract<Says, { kind: 'offer' }>> = () => ({}),
): Spelling {
  return (id, payto) => {
    const says = { kind: 'offer', href: `/x/${id}`, price: '0.02 USD', payto, title: id } as const;
    return { html: write(id), says: { [id]: { ...says, ...differs(id) } } };
  };
}

const OFFERS: readonly Spelling[] = [
  offer((id) => `<a id=${id} href="/x/${id}" data-fee-price="0.02 USD">${id}</a>`),
  offer((id) => `<A ID="${id}" HREF='/x/${id}' DATA-FEE-PRICE='0.02 USD'>${id}</A>`),
  offer((id) => `<a\n\tid=${id}\n  href =\n/x/${id} data-fee-price\t=\t" 0.02  USD "\n>${id}</a>`),
  offer((id) => `<a id=${id} href="&#x2F;x/${id}" data-fee-price="0&#46;02&#32;USD">${id}</a>`),
  offer(
    (id) => `<a id=${id} href=/x/${id} data-fee-price="0.02 USD,0.03 EUR">${id}</a>`,
    () => ({
      price: '0.02 USD, 0.03 EUR',
    }),
  ),
  offer(
    (id) =>
      `<a id=${id} href=/x/${id} data-fee-price="0.02 USD" ` +
      `data-fee-payto="own@pay.example">${id}</a>`,
    () => ({ payto: 'own@pay.example' }),
  ),
  offer(
    (id) =>
      `<a id=${id} href=/x/${id} data-fee-price="0.02 USD" data-fee-price="9 USD">${id}</a>` +
      '<a data-fee-price="0.02 USD">no address</a>',
  ),
  offer(
    (id) =>
      `<a id=${id} href=/x/${id} data-fee-price="0.02 USD" data-fee-title="A&#x202E;b&#7;c">x</a>`,
    () => ({ title: 'Ab c' }),
  ),
  offer(
    (id) => `<b><a id=${id} href=/x/${id} data-fee-price="0.02 USD"><i><b>${id}</b></i></a></b>`,
  ),
  offer(
    (id) => `<a id=${id} href="/x?i=${id}&amp;utm_source=b#c" data-fee-price="0.02 USD">${id}</a>`,
    (id) => ({ href: `/x?i=${id}&utm_source=b` }),
  ),
  offer((id) => `<map><area id=${id} alt=${id} href=/x/${id} data-fee-price="0.02 USD"></map>`),
  offer(
    (id) => `<a id=${id} href="//o.example/x" data-fee-price="0.02 USD">${id}</a>`,
    () => ({
      href: '//o.example/x',
    }),
  ),
  offer(
    (id) =>
      `<a id=${id} href="/x/${id}" data-fee-price="0.02 USD" data-fee-seller="Y" ` +
      `data-fee-cap="nonsense">${id}</a>`,
  ),
  offer(
    (id) => `<ul><li><a id=${id} href=x/${id} data-fee-price="0.02 USD">${id}</a></ul>`,
    (id) => ({
      href: `x/${id}`,
    }),
  ),
];

/** Attributes of a link at `/x`, the code that refuses them, and the attribute at fault. */
const MALFORMED: readonly (readonly [attributes: string, code: string, attribute: string])[] = [
  ['data-fee-price', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="2 cents"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="$0.02"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="0,02 USD"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="-0.02 USD"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="2e-2 USD"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="0.02&#x202E; USD"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="0.02&#x200B;USD"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="٠.٠٢ USD"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="0.02 USD, 0.03 USD"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="0 USD"', 'price_malformed', 'data-fee-price'],
  ['data-fee-price="0.02 ABC"', 'currency_unknown', 'data-fee-price'],
  ['data-fee-price="0.02 USD" data-fee-payto="pay.example"', 'payto_malformed', 'data-fee-payto'],
  ['data-fee-price="0.02 USD" data-fee-payto="D@pay.example"', 'payto_malformed', 'data-fee-payto'],
  ['data-fee-price="0.02 USD" data-fee-duration=P1M', 'duration_malformed', 'data-fee-duration'],
  ['data-fee-price="0.02 USD" data-fee-refund=PT0S', 'refund_malformed', 'data-fee-refund'],
  ['data-fee-price="0.02 USD" data-fee-meter=5m', 'meter_malformed', 'data-fee-meter'],
  ['data-fee-price="0.02 USD" data-fee-expires=soon', 'expires_malformed', 'data-fee-expires'],
  ['data-fee-price="0.02 USD" data-fee-item=" x"', 'item_malformed', 'data-fee-item'],
  [
    `data-fee-price="0.02 USD" data-fee-title="${'long '.repeat(40)}"`,
    'title_malformed',
    'data-fee-title',
  ],
  ['href="https://a:b@daily.example/x" data-fee-price="0.02 USD"', 'url_malformed', 'href'],
];

const malformed: readonly Spelling[] = MALFORMED.map(([attributes, code, attribute]) => (id) => ({
  html: `<a id=${id} ${attributes} href=/x/${id}>${id}</a>`,
  says: { [id]: { kind: 'malformed', code, attribute } },
}));

/** What looks like a fee link and is none, whatever it says. */
const NOTHING: readonly string[] = [
  '<a href="javascript:void 0" data-fee-price="0.02 USD">x</a>',
  '<a href="mailto:a@daily.example" data-fee-price="0.02 USD">x</a>',
  '<a href="data:text/html,x" data-fee-price="0.02 USD">x</a>',
  '<a href="blob:https://daily.example/x" data-fee-price="0.02 USD">x</a>',
  '<a data-fee-price="0.02 USD">x</a>',
  '<span href=/x data-fee-price="0.02 USD">x</span>',
  '<link href=/x data-fee-price="0.02 USD">',
  '<a href=/x data-fee_price="0.02 USD" data-price="0.02 USD" fee-price="0.02 USD">x</a>',
  '<svg><a href=/x data-fee-price="0.02 USD"><text>x</text></a></svg>',
  '<svg><a xlink:href=/x data-fee-price="0.02 USD"><text>x</text></a></svg>',
  '<template><a href=/x data-fee-price="0.02 USD">x</a></template>',
  '<!-- <a href=/x data-fee-price="0.02 USD">x</a> -->',
  '<a href=/x title=\'data-fee-price="0.02 USD"\'>&lt;a data-fee-price="0.02 USD"></a>',
];

const nothing: readonly Spelling[] = NOTHING.map((html) => () => ({ html, says: {} }));

/** What happy-dom's parser makes another tree of than browsers do. */
const BROWSERS_ONLY: readonly Spelling[] = [
  offer(
    (id) =>
      `<svg><foreignObject><a id=${id} href=/x/${id} data-fee-price="0.02 USD">${id}</a>` +
      '</foreignObject></svg>',
  ),
  () => ({
    html: '<textarea><a href=/x data-fee-price="0.02 USD">x</a></textarea>',
    says: {},
  }),
];

/** What is sown into one page. */
export interface Seed {
  readonly page: SownPage;
  readonly pieces: readonly (Sown & { readonly at: number })[];
}

/** Every spelling once, in an order and at places of the seed; `at` is a share of the page. */
export function seedFor(seed: number, parser: 'browser' | 'happy-dom'): Seed {
  const random = seeded(seed);
  const page = PAGES[Math.floor(random() * PAGES.length)] ?? PAGES[0];
  if (!page) throw new TypeError('there are pages');
  const pieces = [
    ...OFFERS,
    ...malformed,
    ...nothing,
    ...(parser === 'browser' ? BROWSERS_ONLY : []),
  ]
    .map((spelling, index) => ({ ...spelling(`sown-${index}`, page.payto), at: random() }))
    .sort((one, other) => one.at - other.at);
  return { page, pieces: pieces.map((piece) => ({ ...piece, at: random() })) };
}

/** Places where a link can be: in running text, in no other link and in nothing that is inert. */
const PLACES = 'p,div,li,td,dd,section,main,article,header,footer,nav,h1,h2,h3,span';
const NO_PLACES = 'a,svg,math,template,select,button,noscript,object,[contenteditable]';

/** Puts everything into `document`; the tags first, so that the order of names is the seed's. */
export function sow(document: Document, { page, pieces }: Seed): void {
  document.head.insertAdjacentHTML('beforeend', page.head);
  const all = [...document.body.querySelectorAll(PLACES)];
  const places = all.filter((place) => !place.closest(NO_PLACES));
  for (const { at, html } of pieces) {
    const place = places[Math.floor(at * places.length)] ?? document.body;
    place.insertAdjacentHTML('beforeend', html);
  }
}

/** What was sown, by id, with the addresses as `base` makes them. */
export function harvestOf({ pieces }: Seed, base: string): Record<string, Says> {
  const says = Object.assign({}, ...pieces.map((piece) => piece.says)) as Record<string, Says>;
  return Object.fromEntries(
    Object.entries(says).map(([id, it]) => [
      id,
      it.kind === 'offer' ? { ...it, href: new URL(it.href, base).href } : it,
    ]),
  );
}
