#pragma once
#include "links/bitbucket/pages.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>
#include <vector>

namespace linkspan::test
{

// One operation of links/bitbucket as it is called, and the target that it must ask.
struct bitbucket_call
{
    std::string name;
    std::string target;  // path and query; {fields} stands for any value
    bool is_list = true;
    std::function<bitbucket::api_outcome(boost::asio::io_context&, bitbucket::api_access)> ask;
};

// All of them, for the repository "acme/wide web": with a base URL that ends in /2.0/, and in /.
std::vector<bitbucket_call> cloud_calls();
std::vector<bitbucket_call> data_center_calls();

}  // namespace linkspan::test
