/** What the gateway needs of a logger. */
export interface GatewayLogger {
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}
