import { describe, expect, it } from 'vitest';
import { CHRONICLE_READERS, type ChronicleMessage } from '../../../src/extension/chronicle.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const PAYTO = 'daily@pay.example';
const SELLER = { payto: PAYTO, host: 'daily.example' };
const ONE_CLICK = { kind: 'one-click', itemMicros: '50000', dayMicros: '500000' };

type Type = ChronicleMessage['type'];
const read = (type: Type, body: object, from = 'screen') =>
  CHRONICLE_READERS[type]({ from, type, ...body });

const TAKEN: [Type, object][] = [
  ['history', {}],
  ['history', { words: 'tides', payto: PAYTO, month: '2026-11', state: 'undone' }],
  ['history', { after: { atMs: 5, ids: [ID] } }],
  ['spending', {}],
  ['receipt', { paymentId: ID }],
  ['export-history', { format: 'journal' }],
  ['sellers', {}],
  ['set-rule', { ...SELLER, rule: { kind: 'block' } }],
  ['set-rule', { ...SELLER, rule: ONE_CLICK }],
  ['take-back', { payto: PAYTO }],
  ['set-daily-limit', { amount: '1000000' }],
];

const REFUSED: [Type, object][] = [
  ['history', { words: '' }],
  ['history', { words: 'x'.repeat(201) }],
  ['history', { month: '2026-13' }],
  ['history', { state: 'sending' }],
  ['history', { after: { atMs: -1, ids: [] } }],
  ['history', { limit: 1_000_000 }],
  ['spending', { currency: 'USD' }],
  ['receipt', { paymentId: 'a' }],
  ['receipt', { paymentId: ID, url: 'https://thief.example/' }],
  ['export-history', { format: 'sqlite' }],
  ['set-rule', { ...SELLER, rule: { kind: 'always' } }],
  ['set-rule', { ...SELLER, rule: { kind: 'one-click', itemMicros: '50000' } }],
  ['set-rule', { ...SELLER, rule: { ...ONE_CLICK, kind: 'block' } }],
  ['set-rule', { ...SELLER, rule: { ...ONE_CLICK, dayMicros: '-1' } }],
  ['take-back', { payto: 'daily' }],
  ['set-daily-limit', { amount: '1.00' }],
  ['set-daily-limit', { amount: '1000000000000001' }],
];

describe('what the page says', () => {
  it.each(TAKEN)('%s %j is taken as it is', (type, body) => {
    expect(read(type, body)).toEqual({ from: 'screen', type, ...body });
  });

  it.each(REFUSED)('%s %j is refused', (type, body) => {
    expect(() => read(type, body)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/malformed|canonical/) }),
    );
  });

  it.each(TAKEN)('%s from a page of the web is refused', (type, body) => {
    expect(() => read(type, body, 'page')).toThrow(
      expect.objectContaining({ code: 'payload_malformed' }),
    );
  });
});
