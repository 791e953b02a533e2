// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OffersChange } from '../../../src/detect/told.ts';
import { type Watch, watchOffers } from '../../../src/detect/watch.ts';

const FOR_SALE = '<meta name="fee:payto" content="daily@pay.example">';
const linkTo = (id: string, price = '0.02 USD') =>
  `<a id="${id}" href="/${id}" data-fee-price="${price}">${id}</a>`;

let due: (() => void)[];
let changes: OffersChange[];
let watch: Watch;

function begin(markup = ''): void {
  document.head.innerHTML = FOR_SALE;
  document.body.innerHTML = markup;
  watch = watchOffers(document, {
    onChange: (change) => changes.push(change),
    schedule: (work) => due.push(work),
  });
}

beforeEach(() => {
  due = [];
  changes = [];
});
afterEach(() => {
  watch.stop();
  history.replaceState(null, '', '/');
});

/** A change as ids, with the page's fields where they are told. */
function idsOf({ page, added, changed, removed }: OffersChange): {
  page?: object;
  added?: string[];
  changed?: string[];
  removed?: string[];
} {
  const ids = {
    added: added.map(({ link }) => link.id).sort(),
    changed: changed.map(({ link }) => link.id).sort(),
    removed: removed.map(({ id }) => id).sort(),
  };
  const some = Object.entries(ids).filter(([, all]) => all.length > 0);
  return { ...Object.fromEntries(some), ...(page ? { page } : {}) };
}

/** What is told of the changes since the last time, once observers heard and the work was done. */
async function told() {
  await new Promise<void>((resolve) => setTimeout(resolve));
  for (const work of due.splice(0)) work();
  return changes.splice(0).map(idsOf);
}

const body = () => document.body;
const element = (selector: string): Element => {
  const found = document.querySelector(selector);
  if (!found) throw new Error(`${selector} is on the page`);
  return found;
};

describe('what is there', () => {
  it('is told at once', () => {
    begin(linkTo('a') + linkTo('b'));
    const fields = { payto: 'daily@pay.example', price: '0.02 USD' };
    expect(changes.map(idsOf)).toEqual([
      { page: { payto: 'daily@pay.example' }, added: ['a', 'b'] },
    ]);
    expect(changes[0]?.added[0]).toEqual({ link: element('#a'), fields });
  });

  it('is nothing on a page without markup: nothing is told, nothing is due', async () => {
    document.head.innerHTML = '';
    document.body.innerHTML = '<p><a href="/x">x</a></p>';
    watch = watchOffers(document, {
      onChange: (change) => changes.push(change),
      schedule: (work) => due.push(work),
    });
    expect(changes).toEqual([]);
    expect(due).toEqual([]);
    body().insertAdjacentHTML('beforeend', '<p>more</p>');
    expect(await told()).toEqual([]);
  });
});

describe('a change', () => {
  it('is told once: what came, what went, what became something else', async () => {
    begin(linkTo('a') + linkTo('b') + linkTo('c'));
    await told();
    body().insertAdjacentHTML('beforeend', `<div><p>${linkTo('d')}</p></div>`);
    element('#a').remove();
    element('#b').setAttribute('data-fee-price', '0.03 USD');
    expect(await told()).toEqual([{ added: ['d'], changed: ['b'], removed: ['a'] }]);
    expect(await told()).toEqual([]);
  });

  it.each(['href', 'data-fee-title', 'data-fee-payto', 'data-fee-refund'])(
    'of %s is one of the link',
    async (name) => {
      begin(linkTo('a') + linkTo('b'));
      await told();
      element('#a').setAttribute(name, '/other');
      expect(await told()).toEqual([{ changed: ['a'] }]);
    },
  );

  it('that is taken back before it is read is none', async () => {
    begin(linkTo('a'));
    await told();
    const link = element('#a');
    link.setAttribute('data-fee-price', '1 USD');
    link.setAttribute('data-fee-price', '0.02 USD');
    const list = document.createElement('ul');
    body().append(list);
    list.append(link);
    body().insertAdjacentHTML('beforeend', linkTo('b'));
    element('#b').remove();
    expect(await told()).toEqual([]);
  });

  it('makes a link of what was none, and none of what was one', async () => {
    begin(`${linkTo('a')}<a id="b" href="/b">b</a><a id="c" data-fee-price="1 USD">c</a>`);
    await told();
    element('#a').removeAttribute('data-fee-price');
    element('#b').setAttribute('data-fee-price', '0.02 USD');
    element('#c').setAttribute('href', '/c');
    expect(await told()).toEqual([{ added: ['b', 'c'], removed: ['a'] }]);
    element('#b').setAttribute('href', 'javascript:void 0');
    expect(await told()).toEqual([{ removed: ['b'] }]);
  });

  it('of a tag is one of the page, and of each link that inherits it', async () => {
    begin(linkTo('a') + linkTo('b').replace('<a', '<a data-fee-payto="own@pay.example"'));
    await told();
    element('meta').setAttribute('content', 'other@pay.example');
    expect(await told()).toEqual([{ page: { payto: 'other@pay.example' }, changed: ['a'] }]);
    element('meta').setAttribute('name', 'description');
    expect(await told()).toEqual([{ page: {}, changed: ['a'] }]);
    document.head.innerHTML = `<title>x</title>${FOR_SALE}`;
    expect(await told()).toEqual([{ page: { payto: 'daily@pay.example' }, changed: ['a'] }]);
    document.head.innerHTML = '';
    expect(await told()).toEqual([{ page: {}, changed: ['a'] }]);
  });

  it('of the address is one of the page, not of its fragment', async () => {
    begin('');
    await told();
    history.pushState(null, '', '/next');
    dispatchEvent(new Event('popstate'));
    expect(await told()).toEqual([{ page: { payto: 'daily@pay.example' } }]);
    history.pushState(null, '', '/next#below');
    dispatchEvent(new Event('popstate'));
    expect(await told()).toEqual([]);
  });

  it('in a batch that is larger than is kept apart is told all the same', async () => {
    begin(linkTo('gone'));
    await told();
    for (let count = 0; count < 1500; count++) {
      const item = document.createElement('p');
      if (count % 500 === 0) item.innerHTML = linkTo(`n${count}`);
      body().append(item);
    }
    element('#gone').remove();
    element('meta').remove();
    expect(await told()).toEqual([{ page: {}, added: ['n0', 'n1000', 'n500'], removed: ['gone'] }]);
  });

  it('in parts that lie in each other is read once', async () => {
    begin('');
    await told();
    let inner: Element = body();
    for (let depth = 0; depth < 300; depth++) {
      const next = document.createElement('div');
      next.innerHTML = `<p>${linkTo(`d${depth}`)}</p><section></section>`;
      inner.append(next);
      inner = next.querySelector('section') ?? next;
    }
    let reads = 0;
    const original = Element.prototype.querySelectorAll;
    Element.prototype.querySelectorAll = function (this: Element, selector: string) {
      reads += 1;
      return original.call(this, selector);
    } as typeof original;
    const [change] = await told().finally(() => {
      Element.prototype.querySelectorAll = original;
    });
    expect(change?.added).toHaveLength(300);
    expect(reads).toBe(1);
  });

  it('of text alone, or of what says nothing, makes no work', async () => {
    begin('<p id="p">x</p><div id="d">y</div>');
    await told();
    element('#p').textContent = 'y';
    element('#d').setAttribute('name', 'z');
    await Promise.resolve();
    expect(due).toEqual([]);
  });

  it('on a page that never rests is read when the work is due, with all the others', async () => {
    begin('');
    await told();
    for (let count = 0; count < 20; count++) {
      body().insertAdjacentHTML('beforeend', linkTo(`n${count}`));
      await new Promise<void>((resolve) => setTimeout(resolve));
    }
    expect(due).toHaveLength(1);
    expect((await told())[0]?.added).toHaveLength(20);
  });
});

describe('open shadow roots', () => {
  const attach = (host: Element, markup: string) => {
    const root = host.attachShadow({ mode: 'open' });
    root.innerHTML = markup;
    return root;
  };

  it('are read where they are, inside each other too, and watched', async () => {
    begin('<div id="host"></div>');
    const root = attach(element('#host'), `<p id="inner"></p>${linkTo('a')}`);
    const inner = root.querySelector('#inner');
    if (!inner) throw new Error('the inner host is there');
    const innermost = attach(inner, linkTo('b'));
    element('#host').append(document.createElement('i'));
    watch.stop();
    changes = [];
    begin('');
    changes = [];
    const host = root.host;
    body().append(host);
    expect(await told()).toEqual([{ added: ['a', 'b'] }]);
    innermost.innerHTML = linkTo('c');
    root.querySelector('#a')?.setAttribute('href', '/other');
    expect(await told()).toEqual([{ added: ['c'], changed: ['a'], removed: ['b'] }]);
    host.remove();
    expect(await told()).toEqual([{ removed: ['a', 'c'] }]);
    innermost.innerHTML = linkTo('d');
    expect(await told()).toEqual([]);
    body().append(host);
    expect(await told()).toEqual([{ added: ['a', 'd'] }]);
  });

  it('that a custom element gets later are seen with the next change', async () => {
    begin('<x-card id="card"></x-card>');
    await told();
    attach(element('#card'), linkTo('a'));
    expect(await told()).toEqual([]);
    body().insertAdjacentHTML('beforeend', '<p></p>');
    expect(await told()).toEqual([{ added: ['a'] }]);
  });

  it('that came with what scripts drew are seen when the page has loaded', async () => {
    begin('<x-card id="card"></x-card>');
    await told();
    attach(element('#card'), linkTo('a'));
    dispatchEvent(new Event('load'));
    expect(await told()).toEqual([{ added: ['a'] }]);
  });
});

describe('a page that is left', () => {
  const pass = (type: string, persisted: boolean) =>
    dispatchEvent(Object.assign(new Event(type), { persisted }));

  it('rests, and on return everything is told anew', async () => {
    begin(linkTo('a') + linkTo('b'));
    await told();
    pass('pagehide', true);
    body().insertAdjacentHTML('beforeend', linkTo('c'));
    element('#b').remove();
    expect(await told()).toEqual([]);
    pass('pageshow', true);
    expect(changes.splice(0).map(idsOf)).toEqual([
      { page: { payto: 'daily@pay.example' }, added: ['c'], changed: ['a'], removed: ['b'] },
    ]);
    body().insertAdjacentHTML('beforeend', linkTo('d'));
    expect(await told()).toEqual([{ added: ['d'] }]);
  });

  it('is not read by work that was due before it was left', async () => {
    begin('');
    body().insertAdjacentHTML('beforeend', linkTo('a'));
    await new Promise<void>((resolve) => setTimeout(resolve));
    pass('pagehide', true);
    expect(await told()).toEqual([{ page: { payto: 'daily@pay.example' } }]);
  });

  it('is not told of twice when it is first shown', async () => {
    begin(linkTo('a'));
    await told();
    pass('pageshow', false);
    expect(await told()).toEqual([]);
  });
});

it('a page that is only prepared is read when it is shown', async () => {
  Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
  begin(linkTo('a'));
  expect(changes).toEqual([]);
  Reflect.deleteProperty(document, 'prerendering');
  document.dispatchEvent(new Event('prerenderingchange'));
  expect((await told())[0]).toMatchObject({ added: ['a'] });
});

it('after the end nothing is told', async () => {
  begin(linkTo('a'));
  await told();
  body().insertAdjacentHTML('beforeend', linkTo('b'));
  await new Promise<void>((resolve) => setTimeout(resolve));
  watch.stop();
  element('#a').remove();
  dispatchEvent(new Event('popstate'));
  expect(await told()).toEqual([]);
});

it('watching leaves the page as it is', async () => {
  begin(linkTo('a'));
  const before = document.documentElement.outerHTML;
  await told();
  expect(document.documentElement.outerHTML).toBe(before);
});
