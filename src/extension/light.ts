/**
 * The icon lights up where something is for sale. Chromium looks for the price by itself and tells
 * nobody, not even us; Firefox has no such way: there it lights up where the wallet is let in.
 */
import browser from 'webextension-polyfill';

/** A price that is shown: the browser's own condition does not match what nobody sees. */
const FOR_SALE = '[data-fee-price]';
const SIZES = [16, 32] as const;

/** What of the API is used; the polyfill's types are Firefox's, which has none of it. */
interface Declarative {
  readonly onPageChanged: {
    removeRules(ids: undefined, done: () => void): void;
    addRules(rules: object[], done: () => void): void;
  };
  readonly PageStateMatcher: new (about: { css: string[] }) => object;
  readonly SetIcon: new (about: { imageData: Record<string, ImageData> }) => object;
}

/** The icon with a light in its corner. */
async function litIcon(size: number): Promise<ImageData> {
  const file = await fetch(browser.runtime.getURL(`/icon/${size}.png`));
  const icon = await createImageBitmap(await file.blob());
  const brush = new OffscreenCanvas(size, size).getContext('2d');
  if (!brush) throw new TypeError('Every browser draws in two dimensions');
  brush.drawImage(icon, 0, 0, size, size);
  const radius = size * 0.25;
  const at = size - radius;
  brush.globalCompositeOperation = 'destination-out';
  brush.beginPath();
  brush.arc(at, at, radius * 1.3, 0, 2 * Math.PI);
  brush.fill();
  brush.globalCompositeOperation = 'source-over';
  brush.fillStyle = '#d9480f';
  brush.beginPath();
  brush.arc(at, at, radius, 0, 2 * Math.PI);
  brush.fill();
  return brush.getImageData(0, 0, size, size);
}

/** Tells Chromium what to look for; it keeps that until it is told otherwise. */
export async function lightUp(): Promise<void> {
  const { chrome } = globalThis as unknown as { chrome?: { declarativeContent?: Declarative } };
  const api = chrome?.declarativeContent;
  if (!api) return;
  const images = await Promise.all(SIZES.map(async (size) => [size, await litIcon(size)] as const));
  const rule = {
    conditions: [new api.PageStateMatcher({ css: [FOR_SALE] })],
    actions: [new api.SetIcon({ imageData: Object.fromEntries(images) })],
  };
  await new Promise<void>((done) => api.onPageChanged.removeRules(undefined, done));
  await new Promise<void>((done) => api.onPageChanged.addRules([rule], done));
}
