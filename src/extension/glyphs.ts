/**
 * What the marks beside links look like: the icon's coin; its quarter is lit where one click pays,
 * a tick says that it is yours. The popup explains them with the same.
 */
import type { Mark } from '../wallet/payment/marks.ts';

/** A path of SVG; a page's rules may allow no style sheet, so each has its own. */
export interface Shape {
  readonly shape: string;
  readonly style: string;
}

/** What all of them are drawn in. */
export const GLYPH_BOX = '0 0 16 16';

const COIN = 'M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8z';
const QUARTER = 'M8.9.3A7.8 7.8 0 0 1 15.7 7H8.9z';
const TICK = 'M4 8.2l2.9 3 5.3-6.3';

const GREEN = 'light-dark(#14614b, #7fd1b3)';
const GOLD = 'light-dark(#d08a14, #f0b84f)';
const PAPER = 'light-dark(#fff, #14201b)';

// A rim of paper, for pages of whatever colour.
const coin = { shape: COIN, style: `fill: ${GREEN}; stroke: ${PAPER}; paint-order: stroke` };

export const GLYPHS: Record<NonNullable<Mark>, readonly Shape[]> = {
  asks: [{ shape: COIN, style: `fill: ${PAPER}; stroke: ${GREEN}; stroke-width: 1.6` }],
  'one-click': [coin, { shape: QUARTER, style: `fill: ${GOLD}; stroke: ${PAPER}` }],
  yours: [coin, { shape: TICK, style: `fill: none; stroke: ${PAPER}; stroke-width: 2` }],
};
