#include "links/ai/models.hpp"

namespace linkspan::ai
{

result<http_request> models_request(std::string_view base_url, std::vector<http_header> headers)
{
    auto const base = checked_base_url("base_url", base_url);
    if (!base)
        return base.error();
    http_request request("GET", *base + "v1/models");
    request.headers = std::move(headers);
    request.headers.push_back({"Accept", "application/json"});
    return request;
}

result<link_identity> read_models(
    rest_answer const& said, std::string_view list, std::string_view header, std::string_view unnamed
)
{
    auto const* const body = said.body.if_object();
    auto const* const models = body == nullptr ? nullptr : body->if_contains(list);
    if (models == nullptr || !models->is_array())
        return error(errc::not_found, "an answer without a list of models: check base_url");
    link_identity who;
    auto const organization = header.empty() ? std::string_view() : find_header(said.raw.headers, header);
    who.account = organization.empty() ? unnamed : organization;
    who.credential = "API key";
    who.service_time = date_of(said.raw);
    if (!organization.empty())
        who.facts["organization"] = organization;
    return who;
}

}  // namespace linkspan::ai
