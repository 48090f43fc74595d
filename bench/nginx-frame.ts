/** A configuration for one worker that writes to its folder as whoever starts it, and keeps its connections. */
export const nginxFrame = (folder: string, servers: string): string => `daemon off; worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  default_type application/json;
${servers}}
`;

/** For the configuration in `nginx.conf` of that folder. */
export const nginxArguments = (folder: string): string[] => [
  ...['-p', folder],
  ...['-e', `${folder}/error.log`],
  ...['-c', `${folder}/nginx.conf`],
];
