#pragma once
#include "cmd/linkspan/link_directory.hpp"
#include "cmd/linkspan/paths.hpp"
#include "links/net/clock.hpp"
#include "store/grants.hpp"
#include "store/vault.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

class command_store;
class store;

// A token that may be used now.
struct access
{
    token_set tokens;
    std::int64_t generation = 0;
    linkspan::grant grant;

    access() = default;
};

// One piece of the keeper's work in one transaction. It may run twice.
using keeper_work = std::function<result<access>(transaction& tx, vault const& keys)>;

// The store as the keeper uses it: the daemon's threads, or a command's own connection. Each opens the vault,
// and once more where its key was rotated meanwhile.
using keeper_store = std::function<boost::asio::awaitable<result<access>>(keeper_work work)>;

// Hands out tokens that work, and gets the next one in time. One refresh of a link at a time: callers of one
// process share it, those of others wait for the lease.
class token_keeper
{
public:
    struct parts
    {
        boost::asio::io_context& loop;
        linkspan::clock& clock;
        link_services& services;
        keeper_store write;
        // What happened to a link, for the log and the metrics: "refreshed", "refresh failed",
        // "needs_reauth", and "refresh not stored" once for each reason why.
        std::function<void(open_link const& link, std::string_view what, std::string_view why)> tell;
        std::string actor =
            {};  // under whose name refreshes stand in the audit; empty: the caller records them
        // How long new tokens are kept that the store does not take. Nothing: while it is full or busy as
        // long as the program runs, with a key that does not fit as long as old tokens live on.
        std::optional<milliseconds> store_patience = {};
    };

    explicit token_keeper(parts with);
    ~token_keeper();

    // A token of the link: the one in use, or a new one where that has less than last_use_margin to live.
    // errc::unauthorized: only a person can help, and the message says how; errc::unavailable: the service
    // gives none now, try again; errc::invalid: the link's fields do not fit.
    boost::asio::awaitable<result<access>> token_of(open_link link);

    // The same after the service has refused the token of this generation (401): one refresh, and a refusal
    // of what that gave makes the link needs_reauth.
    boost::asio::awaitable<result<access>> token_instead_of(open_link link, std::int64_t generation);

    // Refreshes whatever the age, unless somebody else does so meanwhile. The loop of serve and refresh-link.
    boost::asio::awaitable<result<access>> refresh(open_link link);

    // When the next token of a link is tried that gave none to its last caller: errc::unavailable. Nothing:
    // that caller got one, or waits for something else than time.
    std::optional<time_point> retry_at(link_id const& link) const;

    // The service has taken a token.
    boost::asio::awaitable<void> worked(open_link link, std::int64_t generation);

    // The program stops: what is in flight ends and is stored, and no other refresh begins.
    void rest();

    // Tokens may have changed in the store: nothing is answered from memory that was read before.
    void forget();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

// How many looks at the store, at most, before a caller is told to try again: each ends a wait for another
// process, or a refresh token that was refused.
inline constexpr int keeper_looks_max = 240;
// How often somebody who waits for another process's refresh looks.
inline constexpr milliseconds keeper_look_wait{500};

// How long a command keeps new tokens that the store does not take: well below the ten minutes for which
// Bitbucket lets the old refresh token live on.
inline constexpr milliseconds command_store_patience{5 * 60 * 1000};

// From 0 to 1, the same for a link at any time: so that many links do not refresh in the same second.
double jitter_of(link_id const& id);

// The keeper's store of a command. Both outlive it.
keeper_store keeper_store_of(command_store& database, profile_paths const& paths);

}  // namespace linkspan
