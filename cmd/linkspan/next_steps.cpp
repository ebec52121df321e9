#include "cmd/linkspan/next_steps.hpp"

#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/profile_store.hpp"

#include <iostream>

namespace linkspan
{
namespace
{

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

// The steps name both callback URLs; here the right one is known, and stands in its place.
std::string without_other_callback(std::string text)
{
    std::string const other = "without a public_url: http://localhost:14470/callback";
    for (std::string const before : {"\n   ", " "})
    {
        text = replaced(std::move(text), before + "(" + other + ").\n", "\n");
        text = replaced(std::move(text), before + "(" + other + "). ", "\n   ");
    }
    return replaced(std::move(text), other + "; ", "");
}

std::string listed(std::vector<std::string> const& names)
{
    std::string out;
    for (auto const& name : names)
        out += (out.empty() ? "" : ", ") + name;
    return out;
}

// What to write into config.toml.
std::string entry_for(link_template const& kind, std::string const& name)
{
    auto const api = "     api = \"" + name + "\"\n";
    if (kind.asks && !kind.receives)
        return api;
    if (!kind.receives)
        return "     [[destination]]\n     name = \"" + name + "\"\n     link = \"" + name + "\"\n" +
               (kind.needs_channel ? "     channel = \"#channel\"\n" : "");
    bool const is_cloud = *kind.receives == edition::cloud;
    return "     [[source]]\n     name = \"" + name + "\"\n     edition = \"" +
           (is_cloud ? "cloud" : "data_center") + "\"\n" +
           (is_cloud ? "" : "     instance = \"https://bitbucket.example.com\"\n") + "     webhook = \"" +
           name + "\"\n" + (kind.asks ? api : "");
}

}  // namespace

std::string public_url_of(server_config const& server)
{
    auto url = server.public_url;
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

std::string callback_url_of(server_config const& server)
{
    auto const url = public_url_of(server);
    return (url.empty() ? "http://localhost:" + std::to_string(server.listen.port) : url) + "/callback";
}

std::string steps_for(link_template const& kind, std::string const& link, server_config const& server)
{
    auto const url = public_url_of(server);
    auto text = without_other_callback(std::string(kind.steps));
    text = replaced(std::move(text), "<public_url>/callback", callback_url_of(server));
    if (!url.empty())
        text = replaced(std::move(text), "<public_url>", url);
    return replaced(std::move(text), "<link>", link);
}

void tell_next_steps(terminal& on, created_link const& made)
{
    auto const& kind = *made.kind;
    auto const name = name_of(made.row);
    auto const known = public_url_of(made.server);
    auto const url = known.empty() ? std::string("<public_url>") : known;
    if (!kind.steps.empty())
        on.err << "\nAt the service:\n" << steps_for(kind, made.row.id.value, made.server);
    if (needs_sign_in(kind))
        on.err << "Callback URL to register: " << callback_url_of(made.server) << '\n';
    if (kind.receives)
        on.err << "Webhook URL: " << url << "/webhook/" << made.row.id.value << '\n';
    if (kind.receives && known.empty())
        on.err << "  (<public_url> is how the outside reaches linkspan serve; [server] in config.toml may "
                  "name it)\n";
    on.err << "\nThen here:\n";
    int step = 0;
    auto const next = [&]() -> std::ostream& { return on.err << "  " << ++step << ". "; };
    if (auto const missing = missing_fields(kind, made.row); !missing.empty())
        next() << "linkspan set-creds " << name << "    (asks for what is missing: " << listed(missing)
               << ")\n";
    else if (kind.receives && !has_proof(made.row))
        next() << "linkspan set-creds " << name << " --kv webhook_secret    (asks for it)\n";
    if (needs_sign_in(kind))
        next() << "linkspan start-oauth " << name << "    (opens the service's page in a browser)\n";
    if (kind.oauth != nullptr || kind.identify != nullptr)
        next() << "linkspan check-link " << name << '\n';
    else if (kind.post_test != nullptr)
        next() << "linkspan check-link " << name << " --post    (posts a test message)\n";
    if (kind.receives || kind.send != nullptr || kind.asks)
    {
        next() << "in config.toml"
               << (kind.asks && !kind.receives ? ", in the [[source]] of this Bitbucket" : "") << ":\n"
               << entry_for(kind, name);
        next() << "linkspan check\n";
    }
}

}  // namespace linkspan
