#include "cmd/linkspan/link_session.hpp"

#include "cmd/linkspan/token_words.hpp"

namespace linkspan
{
namespace
{

// A person looks at a command that does not end: why, and what it would cost to end it.
void tell_not_stored(terminal& on, open_link const& link, std::string_view why)
{
    auto const minutes = std::chrono::duration_cast<std::chrono::minutes>(command_store_patience).count();
    print_warning(
        on,
        "the new token of link " + called(link) + " is not stored yet (" + safe_line(why) +
            "); linkspan keeps trying for " + std::to_string(minutes) +
            " min: mend that, and do not interrupt it, or the token is lost"
    );
}

token_keeper::parts parts_of(terminal& on, command_loop& loop, found_link& of, profile_paths const& paths)
{
    token_keeper::parts out{
        loop.context(), loop.clock(), loop.services(), keeper_store_of(of.database, paths), {}};
    out.tell = [&on](open_link const& link, std::string_view what, std::string_view why)
    {
        if (what == "refresh not stored")
            tell_not_stored(on, link, why);
    };
    out.store_patience = command_store_patience;
    return out;
}

boost::asio::awaitable<result<>> note(token_keeper& keeper, open_link link, std::int64_t generation)
{
    co_await keeper.worked(std::move(link), generation);
    result<> done;
    co_return done;
}

}  // namespace

link_session::link_session(
    terminal& on, found_link& of, profile_paths const& paths, server_config const& server
)
    : loop(server), keeper(parts_of(on, loop, of, paths))
{
}

result<> link_session::worked(open_link const& link, std::int64_t generation)
{
    return loop.run<void>(note(keeper, link, generation));
}

open_link opened(found_link const& of, link_fields fields)
{
    open_link out;
    out.id = of.row.id;
    out.name = of.row.name;
    out.kind = of.kind;
    out.allow_unsigned = of.row.allow_unsigned;
    out.updated_at = of.row.updated_at;
    out.fields = std::move(fields);
    return out;
}

}  // namespace linkspan
