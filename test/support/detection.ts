/** A browser without the wallet, and detection by itself in its pages. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { rolldown } from 'rolldown';
import { findProgram, requireChromium } from '../../src/cli/browser.ts';

const CHROMIUM_FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
/** Nothing of a page is loaded or run; and clocks of such pages are exact. */
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The script that makes `detection` in a page. */
export function bundleDetection(): Promise<string> {
  return bundleInPage('in-page.ts');
}

/** A script of this folder, with all that it needs, to be evaluated in a page. */
export async function bundleInPage(name: string): Promise<string> {
  const bundle = await rolldown({ input: join(import.meta.dirname, name) });
  const { output } = await bundle.generate({ format: 'iife', minify: true });
  return output[0].code;
}

export async function launchPlain(name: 'chromium' | 'firefox'): Promise<Browser> {
  if (name === 'chromium') {
    const executablePath = await requireChromium(console.log);
    return launch({ executablePath, headless: true, args: CHROMIUM_FLAGS });
  }
  const executablePath = await findProgram(['firefox-esr', 'firefox']);
  if (!executablePath) throw new Error('Firefox is needed; npm test installs it where it may');
  return launch({ browser: 'firefox', executablePath, headless: true });
}

export interface PageServer {
  readonly origin: string;
  close(): void;
}

/** Serves what `pageAt` says of a path. */
export async function servePages(pageAt: (path: string) => string): Promise<PageServer> {
  const server: Server = createServer(({ url = '/' }, response) => {
    response.writeHead(200, HEADERS);
    response.end(pageAt(url));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Opens `address` with `script` in it. */
export async function openWith(page: Page, address: string, script: string): Promise<void> {
  await page.goto(address);
  await page.evaluate(script);
}
