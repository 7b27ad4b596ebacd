// Servers of a Node process listen on loopback alone, whatever host they ask for.
const { Server } = require('node:net');

const { listen } = Server.prototype;

Server.prototype.listen = function listenOnLoopback(first, ...rest) {
  if (typeof first === 'object' && first !== null && 'port' in first) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest);
  }
  if (typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))) {
    const callback = rest.find((argument) => typeof argument === 'function');
    return listen.call(this, { port: Number(first), host: '127.0.0.1' }, callback);
  }
  return listen.call(this, first, ...rest);
};
