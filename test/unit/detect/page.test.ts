// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import {
  feeLinkIn,
  feeLinksIn,
  isFramed,
  linkFields,
  linkPrices,
  pageFields,
} from '../../../src/detect/page.ts';

beforeEach(() => {
  document.head.innerHTML = '';
  document.body.innerHTML = '';
});

function pathTo(selector: string): EventTarget[] {
  const path: EventTarget[] = [];
  for (let node: Node | null = document.querySelector(selector); node; node = node.parentNode)
    path.push(node);
  return path;
}

describe('a page', () => {
  it('has no fields without markup', () => {
    document.head.innerHTML = '<meta name="description" content="y"><meta charset="utf-8">';
    expect(pageFields(document)).toEqual({});
  });

  it('gives each field as it stands, the first of a name, and nothing that is not a field', () => {
    document.head.innerHTML =
      '<meta name="fee:price" content=" 2 cents "><meta name="fee:price" content="1 USD">' +
      '<meta name="fee:evil" content="x"><meta name="description" content="y">' +
      '<meta property="fee:title" content="z">';
    expect(pageFields(document)).toEqual({ price: ' 2 cents ' });
  });

  it('is read whatever the case of a name, and the first counts in any case', () => {
    document.head.innerHTML =
      '<META NAME="FEE:Price" CONTENT="0.02 USD"><meta name="fee:price" content="1 USD">';
    expect(pageFields(document)).toEqual({ price: '0.02 USD' });
  });

  it('gives no more of a field than shows that it is too long', () => {
    document.head.innerHTML = `<meta name="fee:price" content="${'9'.repeat(1_000_000)}">`;
    expect(pageFields(document).price).toBe('9'.repeat(2049));
  });

  it('sells nothing in a frame; one that is shown nowhere is in none', () => {
    const shown = { top: {} } as Window;
    expect(isFramed({ defaultView: shown } as Document)).toBe(true);
    expect(isFramed({ defaultView: null } as Document)).toBe(false);
    expect(isFramed(document)).toBe(false);
  });
});

describe('a fee link', () => {
  it('is the nearest link around the press, and only with a price', () => {
    document.body.innerHTML =
      '<a id="a" href="/x" data-fee-price="0.02 USD"><b id="inside">x</b></a>' +
      '<a id="plain" href="/y">y</a><a id="nowhere" data-fee-price="0.02 USD">z</a>' +
      '<span id="span" data-fee-price="0.02 USD">s</span>';
    expect(feeLinkIn(pathTo('#inside'))?.id).toBe('a');
    for (const other of ['#plain', '#nowhere', '#span'])
      expect(feeLinkIn(pathTo(other)), other).toBeUndefined();
    expect(feeLinksIn(document).map(({ id }) => id)).toEqual(['a']);
  });

  it('is what a press follows: an inner link has it for itself, of SVG too', () => {
    document.body.innerHTML =
      '<a id="outer" href="/x" data-fee-price="0.02 USD"><svg><a href="/y"><rect id="r"/></a>' +
      '<a xlink:href="/y"><rect id="x"/></a><a><rect id="none"/></a></svg></a>';
    const inner = document.createElement('a');
    inner.innerHTML = '<i id="i">no address of its own</i>';
    document.querySelector('#outer')?.append(inner);
    expect(feeLinkIn(pathTo('#r'))).toBeUndefined();
    expect(feeLinkIn(pathTo('#x'))).toBeUndefined();
    expect(feeLinkIn(pathTo('#none'))?.id).toBe('outer');
    expect(feeLinkIn(pathTo('#i'))?.id).toBe('outer');
    inner.href = '/z';
    expect(feeLinkIn(pathTo('#i'))).toBeUndefined();
  });

  it.each(['button', 'input', 'select', 'textarea', 'label', 'summary', 'video controls'])(
    'leaves a press to a control inside it: %s',
    (control) => {
      document.body.innerHTML =
        `<a id="a" href="/x" data-fee-price="0.02 USD">Tides <${control} class="in">` +
        '</a><button class="around"><a id="b" href="/x" data-fee-price="0.02 USD">x</a></button>';
      expect(feeLinkIn(pathTo('.in'))).toBeUndefined();
      expect(feeLinkIn(pathTo('#a'))?.id).toBe('a');
      expect(feeLinkIn(pathTo('#b'))?.id).toBe('b');
    },
  );

  it.each(['javascript:void 0', 'data:text/html,x', 'mailto:a@daily.example'])(
    'is on the web: %s is left to the browser',
    (href) => {
      document.body.innerHTML = `<a id="a" href="${href}" data-fee-price="0.02 USD">x</a>`;
      expect(feeLinkIn(pathTo('#a'))).toBeUndefined();
    },
  );

  it('inherits who is paid and what holds for all, never price, item or title', () => {
    document.head.innerHTML =
      '<meta name="fee:payto" content="page@pay.example"><meta name="fee:refund" content="none">' +
      '<meta name="fee:price" content="9 USD"><meta name="fee:item" content="page">' +
      '<meta name="fee:title" content="Page"><meta name="fee:duration" content="P1D">';
    document.body.innerHTML =
      '<a href="/x" data-fee-price="0.02 USD" data-fee-duration="P7D" data-fee-item="x">x</a>';
    const link = feeLinkIn(pathTo('a'));
    if (!link) throw new Error('the link is a fee link');
    expect(linkFields(link)).toEqual({
      payto: 'page@pay.example',
      refund: 'none',
      price: '0.02 USD',
      duration: 'P7D',
      item: 'x',
    });
  });

  it('has no seller and no cap of its own: those are the page’s alone', () => {
    document.head.innerHTML =
      '<meta name="fee:seller" content="Page"><meta name="fee:cap" content="0.20 USD/P1D">';
    document.body.innerHTML =
      '<a href="/x" data-fee-price="0.02 USD" data-fee-seller="Link" ' +
      'data-fee-cap="9 USD/P1D">x</a>';
    const [link] = feeLinksIn(document);
    if (!link) throw new Error('the link is a fee link');
    expect(linkFields(link)).toEqual({
      seller: 'Page',
      cap: '0.20 USD/P1D',
      price: '0.02 USD',
    });
  });

  it('does not change the page that it is read from', () => {
    document.body.innerHTML = '<a href="/x" data-fee-price="0.02 USD">x</a>';
    const before = document.documentElement.outerHTML;
    const link = feeLinkIn(pathTo('a'));
    if (link) linkFields(link);
    pageFields(document);
    expect(document.documentElement.outerHTML).toBe(before);
  });
});

describe('what the links of a page cost', () => {
  it('is each price with its addresses, which have many links now and then', () => {
    document.body.innerHTML =
      '<a href="/x" data-fee-price="0.02 USD"><img></a>' +
      '<a href="/x" data-fee-price="0.02 USD">x</a>' +
      '<a href="/y" data-fee-price="0.02 USD">y</a><a href="/z" data-fee-price="1 USD">z</a>' +
      '<map><area href="/map" data-fee-price="1 USD"></map><a href="/free">free</a>';
    expect(linkPrices(document)).toEqual([
      { price: '0.02 USD', count: 2 },
      { price: '1 USD', count: 2 },
    ]);
  });

  it('leaves out what is not shown, and what is too long to be a price', () => {
    document.body.innerHTML =
      '<a href="/x" data-fee-price="0.02 USD">x</a><p><a href="/y" data-fee-price="1 USD">y</a>' +
      `<a href="/z" data-fee-price="${'9'.repeat(2049)}">z</a>`;
    const hidden = document.querySelector('p a');
    if (hidden) hidden.checkVisibility = () => false;
    expect(linkPrices(document)).toEqual([{ price: '0.02 USD', count: 1 }]);
  });

  it('is of a hundred prices at most', () => {
    document.body.innerHTML = Array.from(
      { length: 101 },
      (_, index) => `<a href="/x" data-fee-price="0.${index} USD">x</a>`,
    ).join('');
    expect(linkPrices(document)).toHaveLength(100);
  });
});
