import '@fontsource-variable/bricolage-grotesque/opsz.css';
import './style/base.css';
import './style/front.css';
import './style/result.css';
import './style/layers.css';
import './style/try.css';
import './style/graph.css';
import { registerSW } from 'virtual:pwa-register';
import { render } from 'preact';
import { App } from './app/app.js';

render(<App />, document.getElementById('app') as HTMLElement);
registerSW({ immediate: true });
