import { render } from 'preact';
import { WelcomeScreen } from '../../src/ui/welcome/welcome.tsx';

const app = document.getElementById('app');
if (app) render(<WelcomeScreen />, app);
