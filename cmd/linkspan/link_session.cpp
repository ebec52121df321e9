#include "cmd/linkspan/link_session.hpp"

namespace linkspan
{
namespace
{

token_keeper::parts parts_of(command_loop& loop, found_link& of, profile_paths const& paths)
{
    return {
        loop.context(),
        loop.clock(),
        loop.services(),
        keeper_store_of(of.database, paths),
        [](open_link const&, std::string_view, std::string_view) {}};
}

boost::asio::awaitable<result<>> note(token_keeper& keeper, open_link link, std::int64_t generation)
{
    co_await keeper.worked(std::move(link), generation);
    result<> done;
    co_return done;
}

}  // namespace

link_session::link_session(found_link& of, profile_paths const& paths, server_config const& server)
    : loop(server), keeper(parts_of(loop, of, paths))
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
