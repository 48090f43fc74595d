import type { ApiDocument } from './document.ts';
import { element } from './element.ts';
import type { Session } from './session.ts';
import { operationCount, shownDocument, withPlainSlashes } from './shown-document.ts';

/** What the library hands over before it sends it, and takes back. */
type LibraryRequest = { url: string; headers: Record<string, string>; credentials?: RequestCredentials };

/** As much of Swagger UI's configuration as is used here. */
type LibraryOptions = {
  readonly spec: ApiDocument;
  readonly domNode: HTMLElement;
  readonly docExpansion: 'none' | 'list' | 'full';
  readonly requestInterceptor: (request: LibraryRequest) => Promise<LibraryRequest>;
  readonly plugins: readonly object[];
  readonly [option: string]: unknown;
};

declare global {
  interface Window {
    SwaggerUIBundle?: (options: LibraryOptions) => unknown;
  }
}

export type TryIt = {
  /** @param only this path alone */
  show(document: ApiDocument, only: string | undefined): Promise<void>;
};

/** @param address of the gateway, without a final slash */
export function createTryIt(place: HTMLElement, address: string, session: Session): TryIt {
  return {
    show: async (document, only) => {
      place.replaceChildren(element('p', { class: 'hint' }, 'Loading…'));
      const show = await loadLibrary();
      if (show === undefined) {
        place.replaceChildren(
          element(
            'p',
            { class: 'notice' },
            'The part that tries calls is not installed: run npm ci, or npm run build.',
          ),
        );
        return;
      }
      const spec = shownDocument(document, address, only);
      const domNode = element('div');
      place.replaceChildren(domNode);
      show({
        spec,
        domNode,
        docExpansion:
          only !== undefined && operationCount(spec) === 1 ? 'full' : operationCount(spec) > 40 ? 'none' : 'list',
        requestInterceptor: async (request) => {
          // The token goes to the gateway and nowhere else, whatever a document names.
          if (!request.url.startsWith(`${address}/`)) throw new Error('This address is not the gateway’s.');
          const { authorization, credentials } = await session.credentials();
          if (authorization !== undefined) request.headers.Authorization = authorization;
          request.credentials = credentials;
          request.url = withPlainSlashes(spec, address, request.url);
          return request;
        },
        ...plain,
      });
    },
  };
}

const hidden = () => () => null;

/** Nothing of it speaks to anybody else, keeps anything, or reads what to do from the page's address. */
const plain = {
  validatorUrl: null,
  persistAuthorization: false,
  queryConfigEnabled: false,
  deepLinking: false,
  showMutatedRequest: false, // the curl line is for others to see: without the token
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: -1,
  supportedSubmitMethods: ['get', 'put', 'post', 'delete', 'head', 'patch'],
  plugins: [{ wrapComponents: { InfoContainer: hidden, ServersContainer: hidden, authorizeBtn: hidden } }],
} as const;

let loading: Promise<Window['SwaggerUIBundle']> | undefined;

/** A script of 1.7 MB, which only those who try something need. */
function loadLibrary(): Promise<Window['SwaggerUIBundle']> {
  loading ??= new Promise((resolve) => {
    followColours();
    const script = element('script', { src: 'library/swagger-ui-bundle.js' });
    script.addEventListener('load', () => resolve(window.SwaggerUIBundle));
    script.addEventListener('error', () => resolve(undefined));
    const styles = element('link', { rel: 'stylesheet', href: 'library/swagger-ui.css' });
    document.head.prepend(styles); // before the page's own, which has the last word
    document.head.append(script);
  });
  return loading;
}

/** The library has a class for dark colours instead of asking the browser. */
function followColours(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', follow);
  follow();
}
