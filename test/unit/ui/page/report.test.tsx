// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReceiptView } from '../../../../src/wallet/history/historyview.ts';
import { asked, begin, draw, press, after as when } from '../../../support/screens.ts';
import { entry } from './rows.ts';

const { draftOf, ReportDialog, readdressed } = await import('../../../../src/ui/page/report.tsx');

const RECEIPT: ReceiptView = {
  ...entry({ title: 'How tides work' }),
  url: 'https://daily.example/tides',
  untilMs: Date.UTC(2027, 10, 25),
  reference: 'AbCd.7',
  receipt: 'eyJ.eyJ.c2ln',
};
const providerHost = 'pay.example';

let root: HTMLElement;
let copied: string[];

beforeEach(() => {
  root = begin({});
  copied = [];
  const clipboard = { writeText: async (text: string) => void copied.push(text) };
  Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });
});

const show = (receipt: ReceiptView | undefined) =>
  draw(root, <ReportDialog receipt={receipt} providerHost={providerHost} onClose={() => {}} />);
const area = () => root.querySelector('textarea') as HTMLTextAreaElement;
const status = () => root.querySelector('[role=status]')?.textContent;

describe('the text', () => {
  it('says what was bought, and the reference that seller and service know it by', () => {
    const text = draftOf({ receipt: RECEIPT, providerHost });
    for (const part of ['How tides work', 'https://daily.example/tides', 'AbCd.7', '2¢'])
      expect(text).toContain(part);
  });

  it('has nothing of it that the screen does not show: no signature, no other address', () => {
    const text = draftOf({ receipt: RECEIPT, providerHost });
    expect(text).not.toContain('eyJ');
    expect(text.match(/https?:/g)).toHaveLength(1);
  });

  it('is silent about pages where it is about the wallet', () => {
    const text = draftOf({ receipt: undefined, providerHost });
    expect(text).not.toMatch(/https?:|tides/);
    expect(text).toContain('Farthing 0.1.0');
  });

  it('for the wallet service names no page, and what the reader wrote stays', () => {
    const text = draftOf({ receipt: RECEIPT, providerHost }).replace(
      ':\n',
      ':\nIt never loaded.\n',
    );
    const forService = readdressed(text, RECEIPT, 'service');
    expect(forService).not.toMatch(/tides/);
    expect(forService).toContain('It never loaded.');
    expect(forService).toContain('AbCd.7');
    const again = readdressed(forService, RECEIPT, 'seller');
    expect(again.split('\n').toSorted()).toEqual(text.split('\n').toSorted());
  });
});

describe('the dialog', () => {
  it('copies what the reader left of it, says so, and sends nothing', async () => {
    await show(RECEIPT);
    await when(() => {
      area().value = 'It never loaded.';
      area().dispatchEvent(new Event('input', { bubbles: true }));
    });
    expect(copied).toEqual([]);
    await press(root, 'Copy');
    expect(copied).toEqual(['It never loaded.']);
    expect(status()).toBe('Copied.');
    expect(asked).toEqual([]);
  });

  it('leaves the page out as soon as it is for the wallet service', async () => {
    await show(RECEIPT);
    expect(area().value).toContain('daily.example/tides');
    const [, service] = root.querySelectorAll<HTMLInputElement>('input[type=radio]');
    await when(() => service?.click());
    expect(area().value).not.toContain('daily.example/tides');
  });

  it('where the browser copies nothing it is selected, and said', async () => {
    const clipboard = { writeText: () => Promise.reject(new DOMException('no')) };
    Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });
    await show(undefined);
    await press(root, 'Copy');
    expect(status()).toContain('copy it by hand');
    expect(area().selectionEnd).toBe(area().value.length);
  });
});
