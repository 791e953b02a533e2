import { render } from 'preact';
import { PageScreen } from '../../src/ui/page/page.tsx';

const app = document.getElementById('app');
if (app) render(<PageScreen />, app);
