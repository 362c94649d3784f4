xcnn.showAll();
