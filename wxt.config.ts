import { defineConfig } from 'wxt';
import { localeFiles } from './src/words/locales.ts';

/** Public half of a key: it gives the unpacked extension one id on every machine. */
const MANIFEST_KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApm1IlkoosCqiWQoMbxlBd9LqTKLUfxR12Qj84sM3YebT' +
  'cSAyCyJprNgJECiXtluaAH8Iiyy3+fAyGdLd8SC9xsFEbdVDsPBJpEvqHj0CDwhZj5rY/x7aAfS3xRc36EHuenDA' +
  'Uq2W8WXosRA+YSrUkHZ77vNZqZUfxT50oxv8H9cTNrBVyEjrdwmf11LdBTZrFyQkTKb240vCvkzK2WbN0TsMXnV9' +
  'gtljaaUm2eSuHkJFAFyPTJmLW14jURLAb9m3LZ/gqvNQ+i2PwAj/G8LLUfEAFZ+U7bNVHwNFxSm7oBRyasICYl18' +
  '90NbftMWxyYxVJ2a3I2Ne+FsuwRo2Lq+yQIDAQAB';

/**
 * Extension pages load nothing but their own files (trust, attack 9); the background speaks to
 * sellers and providers.
 */
const contentSecurityPolicy = (framed: "'none'" | "'self'") =>
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
  "connect-src https: http://localhost:* http://*.localhost:*; base-uri 'none'; form-action 'none'; " +
  `frame-src ${framed}; frame-ancestors ${framed}`;

/** Where the reader may let the wallet in; over http only shops on this machine. */
const SITES = ['https://*/*', 'http://localhost/*', 'http://*.localhost/*'];

/** The frame of `nameless.ts`. It is of no origin, so its script is no module: those need one. */
const NAMELESS_PAGE = {
  relativeDest: 'nameless.html',
  contents: '<!doctype html><title>Of no origin</title><script src="/nameless.js"></script>',
};

/**
 * What is loaded later stands beside what loads it, in the package: nothing is fetched ahead. Its
 * styles come with the page.
 */
const LOAD_LATER = {
  name: 'load-later',
  enforce: 'pre',
  load: (id: string) =>
    id.endsWith('vite/preload-helper.js')
      ? 'export const __vitePreload = (load) => load();'
      : undefined,
} as const;

type Names = string | ((chunk: never) => string) | undefined;

function withoutHash(names: Names): Names {
  if (typeof names === 'function') return (chunk) => names(chunk).replace('-[hash]', '');
  return names?.replace('-[hash]', '');
}

/** No cache keeps a file of a package, whose names need not tell what is in them. */
const PLAIN_NAMES = {
  name: 'plain-names',
  outputOptions: (output: Record<string, Names>) => ({
    ...output,
    chunkFileNames: withoutHash(output.chunkFileNames),
    entryFileNames: withoutHash(output.entryFileNames),
    assetFileNames: withoutHash(output.assetFileNames),
  }),
};

export default defineConfig({
  imports: false,
  manifestVersion: 3,
  // Elsewhere for one whose build is not to stand in the place of what others use.
  outDir: process.env.FARTHING_OUTPUT ?? '.output',
  publicDir: 'src/extension/public',
  // Without it the build for browsers of ten years ago is taken, whole.
  vite: () => ({
    resolve: { alias: { dexie: 'dexie/dist/modern/dexie.mjs' } },
    plugins: [LOAD_LATER, PLAIN_NAMES],
  }),
  zip: { excludeSources: ['test/**', 'src/provider/**', 'src/demo/**'] },
  hooks: {
    // The browser keeps the texts, and names the extension in the reader's language too.
    'build:publicAssets': ({ config }, files) => {
      files.push(...localeFiles());
      if (config.browser === 'firefox') files.push(NAMELESS_PAGE);
    },
  },
  manifest: ({ browser }) => ({
    name: 'Farthing',
    default_locale: 'en',
    description: '__MSG_description__',
    action: { default_title: 'Farthing' },
    // The icon by keyboard: it lets the wallet read the page, as a press on it does.
    commands: { _execute_action: { suggested_key: { default: 'Alt+Shift+F' } } },
    permissions: [
      ...(['alarms', 'activeTab', 'scripting'] as const),
      ...(browser === 'firefox' ? [] : (['declarativeContent'] as const)),
    ],
    // No page is read until the reader asks for it: one site at a time, or all of them.
    optional_host_permissions: SITES,
    content_security_policy: {
      // Firefox has a frame of the wallet's own in its background (nameless.ts).
      extension_pages: contentSecurityPolicy(browser === 'firefox' ? "'self'" : "'none'"),
    },
    ...(browser === 'firefox'
      ? {
          browser_specific_settings: {
            gecko: {
              id: 'wallet@farthing.example',
              strict_min_version: '140.0',
              data_collection_permissions: { required: ['none'] },
            },
          },
        }
      : { key: MANIFEST_KEY, minimum_chrome_version: '127' }),
  }),
});
