import { render } from 'preact';
import { Gallery } from './gallery.tsx';

const root = document.documentElement;
// `?rtl` turns everything round.
root.dir = new URLSearchParams(location.search).has('rtl') ? 'rtl' : 'ltr';
const app = document.getElementById('app');
if (app) render(<Gallery />, app);
