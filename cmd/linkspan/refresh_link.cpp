#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/credential_commands.hpp"
#include "cmd/linkspan/granted_scopes.hpp"
#include "cmd/linkspan/link_session.hpp"
#include "cmd/linkspan/link_state.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include <iostream>

namespace linkspan
{

namespace json = boost::json;

result<> refresh_link(terminal& on, one_link_options const& options)
{
    auto of = find_link_of(options.paths, options.link);
    if (!of)
        return of.error();
    if (of->kind->oauth == nullptr)
        return error(
            errc::invalid,
            "link " + name_of(of->row) + " has no token that could be refreshed: its template is " +
                of->row.template_name
        );
    auto fields = open_fields_of(*of, options.paths);
    if (!fields)
        return fields.error();
    auto const settings = load_config(options.paths.config).config;
    link_session session(on, *of, options.paths, settings.server);
    auto const got = session.refresh(opened(*of, std::move(*fields)));
    auto use = use_by("refresh-link", of->row, "refresh", got ? std::string() : got.error().message);
    use.is_failure = !got;
    auto const told = of->database.write<int>(
        system_now(),
        [&](transaction& tx) -> result<int>
        {
            if (auto const recorded = record_use(tx, use); !recorded)
                return recorded.error();
            return 0;
        }
    );
    if (!got)
        return got.error();
    if (!told)
        return told.error();
    auto const& tokens = got->tokens;
    if (options.json)
    {
        json::object document;
        document["id"] = of->row.id.value;
        document["obtained_at"] = to_rfc3339(tokens.obtained_at);
        document["expires_at"] =
            tokens.expires_at ? json::value(to_rfc3339(*tokens.expires_at)) : json::value();
        document["scopes"] = json::value_from(scope_list(tokens.scopes));
        print_json(on.out, document);
        return {};
    }
    on.out << "Link " << name_of(of->row) << " has a new token"
           << (tokens.expires_at ? "; it ends " + relative_time(*tokens.expires_at, system_now())
                                 : std::string())
           << '\n';
    return {};
}

}  // namespace linkspan
