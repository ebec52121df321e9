#pragma once
#include "tests/simulators/oauth_provider.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// A request as the parts of the provider look at it.
struct oauth_provider::page
{
    http_request request;
    std::string path;
    std::vector<form_field> query;
    std::vector<form_field> form;
    provider_call call = provider_call::other;

    explicit page(http_request received);
};

std::string value_of(std::vector<form_field> const& fields, std::string_view name);
std::string escaped(std::string_view text);  // for HTML
http_response json_page(int status, boost::json::object const& body);
http_response html_page(int status, std::string_view title, std::string_view body);
http_response redirect_to(std::string_view url, std::string_view query);

}  // namespace linkspan::test
