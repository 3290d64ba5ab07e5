import { RPCError, rpc } from "@web/core/network/rpc";

const TIMEOUT = 60000;

/** There is no network, or no answer came; try again later. */
export class OfflineError extends Error {}
/** The server wants a login first. */
export class SessionError extends Error {}
/** The server failed; it may work the next time. */
export class ServerError extends Error {}

/** @returns {Promise<any>} the server's answer to a request of the app */
export async function call(url, params) {
    const request = rpc(url, params, { silent: true });
    const timer = setTimeout(() => request.abort(), TIMEOUT);
    try {
        return await request;
    } catch (error) {
        if (!(error instanceof RPCError)) {
            throw new OfflineError(error.message);
        }
        if ((error.exceptionName || "").includes("SessionExpired")) {
            throw new SessionError(error.message);
        }
        throw new ServerError(error.data?.message || error.message);
    } finally {
        clearTimeout(timer);
    }
}
