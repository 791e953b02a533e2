// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { feeLinkIn, isForSale, linkFields, pageFields } from '../../../src/detect/page.ts';

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
  it('is for sale by its price tag alone; payto without price sells only its links', () => {
    expect(isForSale(document)).toBe(false);
    document.head.innerHTML = '<meta name="fee:payto" content="a@pay.example">';
    expect(isForSale(document)).toBe(false);
    document.head.innerHTML += '<meta name="fee:price" content="0.02 USD">';
    expect(isForSale(document)).toBe(true);
  });

  it('gives each field as it stands, the first of a name, and nothing that is not a field', () => {
    document.head.innerHTML =
      '<meta name="fee:price" content=" 2 cents "><meta name="fee:price" content="1 USD">' +
      '<meta name="fee:evil" content="x"><meta name="description" content="y">' +
      '<meta property="fee:title" content="z">';
    expect(pageFields(document)).toEqual({ price: ' 2 cents ' });
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
  });

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

  it('does not change the page that it is read from', () => {
    document.body.innerHTML = '<a href="/x" data-fee-price="0.02 USD">x</a>';
    const before = document.documentElement.outerHTML;
    const link = feeLinkIn(pathTo('a'));
    if (link) linkFields(link);
    pageFields(document);
    expect(document.documentElement.outerHTML).toBe(before);
  });
});
